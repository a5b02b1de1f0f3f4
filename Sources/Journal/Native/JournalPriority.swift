// SPDX-License-Identifier: Apache-2.0

/// The PRIORITY= of a journal entry: the levels of syslog(3).
package enum JournalPriority: UInt8, Sendable, Comparable, CaseIterable {
  case emergency = 0
  case alert
  case critical
  case error
  case warning
  case notice
  case info
  case debug

  /// More urgent is less, as the numbers are.
  package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}
