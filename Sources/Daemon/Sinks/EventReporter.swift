// SPDX-License-Identifier: Apache-2.0

import Journal
import Monitor
import Platform

/// Where events outside the receive loop go: the journal and the stream. Any thread.
package struct EventReporter: Sendable {
  let journal: EventLog
  let stream: EventStream

  package init(journal: EventLog, stream: EventStream) {
    self.journal = journal
    self.stream = stream
  }

  package func report(
    _ event: Event, file: String = #fileID, line: UInt = #line, function: String = #function
  ) {
    stream.take(event)
    journal.report(event, file: file, line: line, function: function)
  }

  /// A message for debugging, to the journal only. The text is not made unless it is logged.
  package func debug(
    _ text: @autoclosure () -> String, file: String = #fileID, line: UInt = #line,
    function: String = #function
  ) {
    journal.debug(text(), file: file, line: line, function: function)
  }

  /// - Parameters:
  ///   - change: Nil when nothing changed; then nothing is reported.
  ///   - files: What the files hold, worded to follow "the files of".
  ///   - consequence: What it means that they are out of date, one sentence.
  func report(_ change: FileHealth.Change?, files: String, consequence: String) {
    if let change { report(change.event(of: files, consequence: consequence)) }
  }
}

extension FileHealth.Change {
  /// What is told of it.
  ///
  /// - Parameters: As of `EventReporter`.
  func event(of files: String, consequence: String) -> Event {
    switch self {
    case .failing(let failure): .files(.failing(failure, files: files, consequence: consequence))
    case .recovered: .files(.recovered(files: files))
    }
  }
}
