// SPDX-License-Identifier: Apache-2.0

import Multicast
import Platform

/// Completions that depend on this host.
enum CompletionWords {
  /// Names of interfaces, alternative ones included, for the last item of a comma-separated list, and `auto`
  /// for the first.
  ///
  /// - Parameter word: what has been typed so far.
  static func interfaces(completing word: String) -> [String] {
    let names = (try? InterfaceTable.read())?.interfaces.flatMap { [$0.name] + $0.alternativeNames } ?? []
    return list(names, completing: word)
  }

  /// The words for `interfaces(completing:)`, from the names.
  static func list(_ names: [String], completing word: String) -> [String] {
    guard let comma = word.lastIndex(of: ",") else { return ["auto"] + names.filter(isHarmless) }
    let before = word[...comma]
    let taken = Set(word.split(separator: ",").map(String.init))
    return names.filter { isHarmless($0) && !taken.contains($0) }.map { before + $0 }
  }

  /// NAME of every mcastd@NAME.service that runs, is enabled, or has a unit file.
  ///
  /// - Parameter root: prefix of the system's directories, for tests.
  static func instances(root: String = "") -> [String] {
    let units = ["/etc/systemd/system", "/run/systemd/system"].flatMap { directory in
      let entries = names(in: root + directory)
      let wants = entries.filter { $0.hasSuffix(".wants") || $0.hasSuffix(".requires") }
      return entries + wants.flatMap { names(in: root + directory + "/" + $0) }
    }
    let running = names(in: root + "/run").compactMap { between("mcastd-", "", $0) }
    let written = units.compactMap { between("mcastd@", ".service", $0) }
    return Set(running + written).filter(isHarmless).sorted()
  }

  /// Whether a name is safe to offer: bash expands the words of compgen -W.
  private static func isHarmless(_ name: String) -> Bool {
    !name.isEmpty
      && name.utf8.allSatisfy { byte in
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x40, 0x5f: true
        default: false
        }
      }
  }

  /// NAME of PREFIX-NAME-SUFFIX; nil for other names.
  private static func between(_ prefix: String, _ suffix: String, _ name: String) -> String? {
    guard name.hasPrefix(prefix), name.hasSuffix(suffix),
      name.utf8.count > prefix.utf8.count + suffix.utf8.count
    else { return nil }
    return String(name.dropFirst(prefix.count).dropLast(suffix.count))
  }

  /// The names in a directory; none where it cannot be read.
  private static func names(in directory: String) -> [String] {
    (try? DirectoryNames.read(directory)) ?? []
  }
}
