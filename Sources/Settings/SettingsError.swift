// SPDX-License-Identifier: Apache-2.0

import Platform

/// A configuration that is refused. At start the daemon exits with status 78; at a reload it keeps the one in
/// force.
package struct SettingsError: Error, Equatable {
  /// At least one: those of files in the order of their lines, then those of values in the order of ``Key``,
  /// then combinations of values.
  let faults: [SettingsFault]
  /// Faults beyond `maximumCount`.
  let furtherCount: Int
  /// What was ignored as well: a key in the wrong section may be the cause of a fault.
  package let warnings: [SettingsWarning]

  /// Faults reported one by one: a hostile file may have a hundred thousand.
  static let maximumCount = 32

  init(_ faults: [SettingsFault], warnings: [SettingsWarning] = []) {
    self.faults = Array(faults.prefix(SettingsError.maximumCount))
    furtherCount = faults.count - self.faults.count
    self.warnings = warnings
  }

  /// A line for each fault, none of which contains a newline.
  package var lines: [String] {
    faults.map(\.description) + (furtherCount > 0 ? ["\(furtherCount) more errors"] : [])
  }
}

extension SettingsError: CustomStringConvertible {
  /// One line with every fault.
  package var description: String { lines.joined(separator: "; ") }
}

/// One reason for which a configuration is refused.
package struct SettingsFault: Error, Equatable, Sendable {
  /// `nil` where the fault is the file's: unreadable, or not INI.
  package var key: Key?
  /// As written.
  package var value: String?
  package var origin: Origin
  /// What is wrong, or what is accepted, with the name of the key where there is one: `port must be 1–65535`.
  package var problem: String

  package init(key: Key? = nil, value: String? = nil, origin: Origin, problem: String) {
    self.key = key
    self.value = value
    self.origin = origin
    self.problem = problem
  }
}

extension SettingsFault: CustomStringConvertible {
  /// One line, whatever the value contains: `MCASTD_PORT=70000 in the environment: port must be 1–65535`.
  package var description: String {
    guard let key, let value else { return "\(origin): \(problem)" }
    let shown = value.isEmpty ? "''" : Printable.line(value)
    let assignment =
      switch origin {
      case .commandLine(let flag): "\(flag) \(shown) on the command line"
      case .environment(let name): "\(name)=\(shown) in the environment"
      case .file, .daemon: "\(origin): \(key.name)=\(shown)"
      case .default: "\(key.name)=\(shown) by default"
      }
    return "\(assignment): \(problem)"
  }
}

extension Console {
  /// Prints a line for each fault and for each warning.
  package static func printError(_ error: SettingsError) {
    for line in error.lines { printError("error: \(line)") }
    for warning in error.warnings { printError("warning: \(warning)") }
  }
}
