// SPDX-License-Identifier: Apache-2.0

import Multicast
import Platform

/// What a shell offers for a word on the command line where that depends on this host.
package enum CompletionWords {
  /// Names of interfaces, alternative ones too, for the last item of a comma-separated list; `auto` for a
  /// whole one.
  ///
  /// - Parameter word: what has been typed of it.
  package static func interfaces(completing word: String) -> [String] {
    let names = (try? InterfaceTable.read())?.interfaces.flatMap { [$0.name] + $0.alternativeNames } ?? []
    return list(names, completing: word)
  }

  package static func list(_ names: [String], completing word: String) -> [String] {
    guard let comma = word.lastIndex(of: ",") else { return ["auto"] + names.filter(isHarmless) }
    let before = word[...comma]
    let taken = Set(word.split(separator: ",").map(String.init))
    return names.filter { isHarmless($0) && !taken.contains($0) }.map { before + $0 }
  }

  /// NAME of every mcastd@NAME.service that runs, is enabled, or was written.
  ///
  /// - Parameter root: before the directories of the system; for tests.
  package static func instances(root: String = "") -> [String] {
    let units = ["/etc/systemd/system", "/run/systemd/system"].flatMap { directory in
      let entries = names(in: root + directory)
      let wants = entries.filter { $0.hasSuffix(".wants") || $0.hasSuffix(".requires") }
      return entries + wants.flatMap { names(in: root + directory + "/" + $0) }
    }
    let running = names(in: root + "/run").compactMap { between("mcastd-", "", $0) }
    let written = units.compactMap { between("mcastd@", ".service", $0) }
    return Set(running + written).filter(isHarmless).sorted()
  }

  /// Shells evaluate what they are offered (bash's compgen -W): a name that is more than letters is kept
  /// away.
  private static func isHarmless(_ name: String) -> Bool {
    !name.isEmpty
      && name.utf8.allSatisfy { byte in
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x40, 0x5f: true
        default: false
        }
      }
  }

  private static func between(_ prefix: String, _ suffix: String, _ name: String) -> String? {
    guard name.hasPrefix(prefix), name.hasSuffix(suffix),
      name.utf8.count > prefix.utf8.count + suffix.utf8.count
    else { return nil }
    return String(name.dropFirst(prefix.count).dropLast(suffix.count))
  }

  /// None where it is not there.
  private static func names(in directory: String) -> [String] {
    (try? DirectoryNames.read(directory)) ?? []
  }
}
