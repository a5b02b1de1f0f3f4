// SPDX-License-Identifier: Apache-2.0

import Logging
import Platform
import Synchronization

/// The daemon's own messages, each of a kind that has a MESSAGE_ID. All copies share one threshold.
package struct EventLog: Sendable {
  package typealias Level = Logger.Level

  private let logger: Logger
  private let threshold: Threshold

  private final class Threshold: Sendable {
    let level: Mutex<Level>
    init(_ level: Level) { self.level = Mutex(level) }
  }

  package init(sink: some LogSink, level: Level) {
    logger = Logger(label: Program.identifier) { _ in JournalLogHandler(sink: sink, level: .trace) }
    threshold = Threshold(level)
  }

  /// The least important level that is logged, wherever there is a copy of this log.
  package func setLevel(_ level: Level) { threshold.level.withLock { $0 = level } }

  private func isLogged(_ level: Level) -> Bool { threshold.level.withLock { level >= $0 } }

  /// - Parameters:
  ///   - text: one line that says what is wrong and what to do.
  ///   - fields: further fields of the entry, by their names in the journal.
  package func report(
    _ kind: MessageKind, _ level: Logger.Level, _ text: String, _ fields: [String: String] = [:],
    file: String = #fileID, function: String = #function, line: UInt = #line
  ) {
    guard isLogged(level) else { return }
    var metadata: Logger.Metadata = [JournalLogHandler.messageIDKey: .string(kind.messageID)]
    for (name, value) in fields { metadata[name] = .string(value) }
    logger.log(
      level: level, "\(text)", metadata: metadata, file: file, function: function, line: line)
  }

  /// What an operator should find, but of which no catalog entry has more to say.
  package func notice(_ text: String) {
    if isLogged(.notice) { logger.notice("\(text)") }
  }

  /// For whoever looks into a fault: nothing that an operator must read.
  package func debug(_ text: @autoclosure () -> String) {
    if isLogged(.debug) { logger.debug("\(text())") }
  }
}
