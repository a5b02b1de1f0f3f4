// SPDX-License-Identifier: Apache-2.0

import Platform

/// Completions that depend on this host.
package enum CompletionWords {
  /// NAME of every mcastd@NAME.service that runs, is enabled, or has a unit file or a configuration file.
  ///
  /// - Parameter root: prefix of the system's directories, for tests.
  package static func instances(root: String = "") -> [String] {
    let units = ["/etc/systemd/system", "/run/systemd/system"].flatMap { directory in
      let entries = names(in: root + directory)
      let wants = entries.filter { $0.hasSuffix(".wants") || $0.hasSuffix(".requires") }
      return entries + wants.flatMap { names(in: root + directory + "/" + $0) }
    }
    let running = names(in: root + "/run").compactMap { between("mcastd-", "", $0) }
    let written = units.compactMap { between("mcastd@", ".service", $0) }
    // Those of mcastd.service and of mcastd-mqtt are no instance's.
    let configured = names(in: root + "/etc/mcastd").compactMap { between("", ".conf", $0) }
      .filter { $0 != "mcastd" && $0 != "mqtt" }
    return Set(running + written + configured).filter(isHarmless).sorted()
  }

  /// Whether a name is safe to offer: bash expands the words of compgen -W.
  package static func isHarmless(_ name: String) -> Bool {
    !name.isEmpty
      && name.utf8.allSatisfy { byte in
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x40, 0x5f: true
        default: false
        }
      }
  }

  /// NAME of PREFIX, NAME and SUFFIX in one word; nil for other names.
  private static func between(_ prefix: String, _ suffix: String, _ name: String) -> String? {
    guard name.hasPrefix(prefix), name.hasSuffix(suffix),
      name.utf8.count > prefix.utf8.count + suffix.utf8.count
    else { return nil }
    return String(name.dropFirst(prefix.count).dropLast(suffix.count))
  }

  /// The names in a directory; none where it cannot be read.
  package static func names(in directory: String) -> [String] {
    (try? DirectoryNames.read(directory)) ?? []
  }
}
