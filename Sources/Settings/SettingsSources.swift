// SPDX-License-Identifier: Apache-2.0

import Glibc
import Platform

/// Everything that settings are read from, before it is validated.
package struct SettingsSources: Sendable, Equatable {
  /// The configuration file of `mcastd.service`, and without `--config`.
  package static let standardFile = "/etc/mcastd/mcastd.conf"

  /// Values of options on the command line.
  package var arguments: [Key: String]
  /// Variables; only those with ``Key/environmentPrefix`` count. An empty one is unset, so that
  /// `Environment=MCASTD_PORT=` in a drop-in resets a value.
  package var environment: [String: String]
  /// `--config`: must exist. `nil` for the standard file, which may be absent. Either has its drop-ins in a
  /// directory of its name with `.d` after it, so `--config /etc/mcastd/lab.conf` has
  /// `/etc/mcastd/lab.conf.d`.
  package var configFile: String?
  /// The file that is read where `configFile` is nil; nil for none.
  package var standardFile: String?
  /// Values in force in a running daemon; they come before all other sources.
  package var adopted: [Key: Adopted] = [:]

  package struct Adopted: Sendable, Equatable {
    package var value: String
    /// Where the value comes from in the daemon, in words.
    package var origin: String

    package init(value: String, origin: String) {
      self.value = value
      self.origin = origin
    }
  }

  /// Whether anything is set for this process itself: an option, `--config`, or the variable of a key.
  package var hasOwnSettings: Bool {
    let variables = Set(Key.allCases.map(\.environmentName))
    return !arguments.isEmpty || configFile != nil
      || environment.contains { variables.contains($0.key) && !$0.value.trimmingBlanks().isEmpty }
  }

  package init(
    arguments: [Key: String] = [:],
    environment: [String: String] = [:],
    configFile: String? = nil,
    standardFile: String? = SettingsSources.standardFile
  ) {
    self.arguments = arguments
    self.environment = environment
    self.configFile = configFile
    self.standardFile = standardFile
  }

  /// The MCASTD_* variables of this process. Not safe while another thread changes the environment
  /// (setenv(3)).
  package static func processEnvironment() -> [String: String] {
    var variables: [String: String] = [:]
    var next = environ
    while let entry = next.pointee {
      let text = String(cString: entry)
      if text.hasPrefix(Key.environmentPrefix), let equals = text.firstIndex(of: "=") {
        variables[String(text[..<equals])] = String(text[text.index(after: equals)...])
      }
      next += 1
    }
    return variables
  }
}
