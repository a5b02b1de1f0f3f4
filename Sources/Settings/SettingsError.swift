// SPDX-License-Identifier: Apache-2.0

import Platform

/// Why a configuration is refused; the daemon ends with exit status 78, or keeps the configuration it has.
package struct SettingsError: Error, Equatable {
  /// At least one, in the order of the files and their lines, then of ``Key``, then what does not go
  /// together.
  package let faults: [SettingsFault]
  /// So many more faults, not told one by one.
  package let furtherCount: Int
  /// What was ignored besides: a key in the wrong section may be the cause of a fault.
  package let warnings: [SettingsWarning]

  /// Faults told one by one; a hostile file could hold a hundred thousand.
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

extension Console {
  /// Why a configuration is refused, a line for each fault, and what was ignored.
  package static func complain(_ error: SettingsError) {
    for line in error.lines { complain("error: \(line)") }
    for warning in error.warnings { complain("warning: \(warning)") }
  }
}
