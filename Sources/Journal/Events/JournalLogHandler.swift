// SPDX-License-Identifier: Apache-2.0

import Logging

/// swift-log into the journal: an event becomes a `LogRecord`, metadata its fields.
///
/// The key `MESSAGE_ID` names the kind of the event; any other becomes a field of that name in upper case
/// (`JournalFieldName(from:)`). A field that the entry has by itself cannot be replaced: it gets `METADATA_` before it.
package struct JournalLogHandler: LogHandler {
  package static let messageIDKey = "MESSAGE_ID"

  package var logLevel: Logger.Level
  package var metadata: Logger.Metadata = [:]
  package var metadataProvider: Logger.MetadataProvider?
  private let sink: any LogSink

  package init(
    sink: some LogSink, level: Logger.Level = .info, metadataProvider: Logger.MetadataProvider? = nil
  ) {
    self.sink = sink
    logLevel = level
    self.metadataProvider = metadataProvider
  }

  package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  package func log(event: LogEvent) {
    var all = metadata
    if let provided = metadataProvider?.get() { all.merge(provided) { _, new in new } }
    if let own = event.metadata { all.merge(own) { _, new in new } }
    if let error = event.error { all["ERROR"] = "\(error)" }

    let messageID = all[Self.messageIDKey].flatMap { try? MessageID($0.description) }
    if messageID != nil { all[Self.messageIDKey] = nil }
    // In a fixed order, so that two entries of a kind read alike.
    let fields = all.sorted { $0.key < $1.key }.compactMap { key, value in
      Self.fieldName(key).map { LogRecord.Field($0, value.description) }
    }
    sink.record(
      LogRecord(
        JournalPriority(event.level), event.message.description, id: messageID, fields: fields,
        file: event.file, line: event.line, function: event.function))
  }

  private static let ownFields: Set<String> = [
    "MESSAGE", "PRIORITY", "SYSLOG_IDENTIFIER", "MESSAGE_ID", "CODE_FILE", "CODE_LINE", "CODE_FUNC",
  ]

  private static func fieldName(_ key: String) -> JournalFieldName? {
    guard let name = JournalFieldName(from: key) else { return nil }
    return ownFields.contains(name.text) ? JournalFieldName(from: "METADATA_\(name.text)") : name
  }
}

extension JournalPriority {
  /// The priority that a level of swift-log has in the journal.
  package init(_ level: Logger.Level) {
    self =
      switch level {
      case .trace, .debug: .debug
      case .info: .info
      case .notice: .notice
      case .warning: .warning
      case .error: .error
      case .critical: .critical
      }
  }
}
