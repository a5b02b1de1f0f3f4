// SPDX-License-Identifier: Apache-2.0

import Platform
import Synchronization

/// The daemon's own messages, filtered by level. One instance is shared by all parts of the daemon.
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

  /// - Parameters:
  ///   - text: one line: what is wrong, and what to do about it.
  ///   - fields: further fields of the entry, by name.
  package func report(
    _ kind: MessageKind, _ level: JournalPriority, _ text: String, _ fields: [String: String] = [:],
    file: String = #fileID, line: UInt = #line, function: String = #function
  ) {
    guard isLogged(level) else { return }
    write(
      LogRecord(level, text, kind: kind, fields: fields, file: file, line: line, function: function))
  }

  /// A message for operators that needs no catalog entry, and therefore has no MESSAGE_ID.
  package func notice(
    _ text: String, file: String = #fileID, line: UInt = #line, function: String = #function
  ) {
    guard isLogged(.notice) else { return }
    write(LogRecord(.notice, text, file: file, line: line, function: function))
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

extension EventLog {
  /// - Parameters:
  ///   - change: nil when nothing changed; then nothing is reported.
  ///   - files: what the files hold, worded to follow "the files of".
  ///   - consequence: what it means that they are out of date, one sentence.
  package func report(_ change: FileHealth.Change?, files: String, consequence: String) {
    switch change {
    case .failing(let failure):
      report(
        .filesFailing, .warning,
        "the files of \(files) cannot be written: \(failure). \(consequence) It is tried again each second. "
          + failure.advice,
        ["ERRNO": "\(failure.errno)", "MCAST_PATH": failure.path])
    case .recovered:
      report(.filesRecovered, .notice, "the files of \(files) are written again")
    case nil: break
    }
  }
}

extension Endpoint {
  /// The fields of an event about this group: MCAST_GROUP and MCAST_PORT.
  package var eventFields: [String: String] { ["MCAST_GROUP": "\(address)", "MCAST_PORT": "\(port)"] }
}
