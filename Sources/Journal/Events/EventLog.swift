// SPDX-License-Identifier: Apache-2.0

import Monitor
import Platform
import Synchronization

/// The daemon's own entries: events, and messages for debugging, filtered by level. One instance is shared by
/// all parts of the daemon.
package final class EventLog: Sendable {
  private let threshold: Mutex<JournalPriority>
  private let write: @Sendable (LogRecord) -> Void

  /// - Parameters:
  ///   - level: the least important priority that is logged.
  ///   - write: takes a record, on the caller's thread. Must neither block nor log.
  package init(level: JournalPriority, write: @escaping @Sendable (LogRecord) -> Void) {
    threshold = Mutex(level)
    self.write = write
  }

  /// - Parameter level: the least important priority that is logged from now on.
  package func setLevel(_ level: JournalPriority) { threshold.withLock { $0 = level } }

  private func isLogged(_ level: JournalPriority) -> Bool { threshold.withLock { level <= $0 } }

  /// Writes the entry of an event, if it has one (`EventCatalogue`).
  package func report(
    _ event: Event, file: String = #fileID, line: UInt = #line, function: String = #function
  ) {
    guard let entry = EventCatalogue.entry(of: event), isLogged(entry.priority) else { return }
    write(LogRecord(entry, file: file, line: line, function: function))
  }

  /// A message for debugging only. The text is not made unless it is logged.
  package func debug(
    _ text: @autoclosure () -> String, file: String = #fileID, line: UInt = #line,
    function: String = #function
  ) {
    guard isLogged(.debug) else { return }
    write(LogRecord(.debug, text(), file: file, line: line, function: function))
  }
}
