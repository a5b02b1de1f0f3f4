// SPDX-License-Identifier: Apache-2.0

import Logging
import Systemd

/// The daemon's own messages, each of a kind that has a MESSAGE_ID.
struct EventLog: Sendable {
  typealias Level = Logger.Level

  private let logger: Logger

  init(sink: some LogSink, level: Logger.Level) {
    logger = Logger(label: Program.identifier) { _ in JournalLogHandler(sink: sink, level: level) }
  }

  private init(_ logger: Logger) { self.logger = logger }

  /// The same with another threshold.
  func at(_ level: Logger.Level) -> EventLog {
    var logger = logger
    logger.logLevel = level
    return EventLog(logger)
  }

  /// - Parameters:
  ///   - text: one line that says what is wrong and what to do.
  ///   - fields: further fields of the entry, by their names in the journal.
  func report(
    _ kind: MessageKind, _ level: Logger.Level, _ text: String, _ fields: [String: String] = [:],
    file: String = #fileID, function: String = #function, line: UInt = #line
  ) {
    var metadata: Logger.Metadata = [JournalLogHandler.messageIDKey: .string(kind.messageID)]
    for (name, value) in fields { metadata[name] = .string(value) }
    logger.log(
      level: level, "\(text)", metadata: metadata, file: file, function: function, line: line)
  }

  /// What an operator should find, but of which no catalog entry has more to say.
  func notice(_ text: String) { logger.notice("\(text)") }

  /// For whoever looks into a fault: nothing that an operator must read.
  func debug(_ text: @autoclosure () -> String) {
    logger.debug("\(text())")
  }
}
