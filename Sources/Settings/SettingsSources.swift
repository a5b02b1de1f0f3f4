// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Everything that settings are read from, gathered before it is judged.
package struct SettingsSources: Sendable, Equatable {
  /// Where the configuration is when nobody names another file.
  package static let standardFile = "/etc/mcastd/mcastd.conf"

  /// What was written after the options of the command line.
  package var arguments: [Key: String]
  /// Of which only what begins with ``Key/environmentPrefix`` is looked at; an empty variable is as good as
  /// none, so that `Environment=MCASTD_PORT=` in a drop-in takes a value back.
  package var environment: [String: String]
  /// `--config`: must exist. `nil` for the standard file, which may be absent. Either has its drop-ins in a
  /// directory of its name with `.d` after it, so `--config /etc/mcastd/lab.conf` has
  /// `/etc/mcastd/lab.conf.d`.
  package var configFile: String?
  /// The file for when none is named; nil where no file is to be read.
  package var standardFile: String?
  /// What a running daemon has in force: holds before everything else.
  package var adopted: [Key: Adopted] = [:]

  package struct Adopted: Sendable, Equatable {
    package var value: String
    /// Where the daemon has it from, in its words.
    package var origin: String

    package init(value: String, origin: String) {
      self.value = value
      self.origin = origin
    }
  }

  /// Whether somebody set anything for this process itself: an option, or a variable that is a key's.
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

  /// The variables of ours in this process's environment.
  ///
  /// To be called before there are threads that change it (environ(7)).
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
