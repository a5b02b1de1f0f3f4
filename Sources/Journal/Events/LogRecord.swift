// SPDX-License-Identifier: Apache-2.0

import Platform

/// One message of the program's own, with what the journal should know about it.
package struct LogRecord: Equatable, Sendable {
  /// One more field of the entry.
  package struct Field: Equatable, Sendable {
    package let name: JournalFieldName
    package let value: String

    package init(_ name: JournalFieldName, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  package var priority: JournalPriority
  /// For people. May hold anything: it is made one harmless line where it is written.
  package var message: String
  package var messageID: MessageID?
  package var fields: [Field]
  /// CODE_FILE, CODE_LINE, CODE_FUNC.
  package var file: String
  package var line: UInt
  package var function: String

  package init(
    _ priority: JournalPriority,
    _ message: String,
    id messageID: MessageID? = nil,
    fields: [Field] = [],
    file: String = #fileID,
    line: UInt = #line,
    function: String = #function
  ) {
    self.priority = priority
    self.message = message
    self.messageID = messageID
    self.fields = fields
    self.file = file
    self.line = line
    self.function = function
  }

  /// For a person at a terminal, without fields: the message, and before it what it is where that matters.
  package var consoleLine: String {
    let text = PlainText.oneLine(message)
    return switch priority {
    case .emergency, .alert, .critical, .error: "error: \(text)"
    case .warning: "warning: \(text)"
    case .notice, .info: text
    case .debug: "debug: \(text)"
    }
  }

  /// The record as an entry of journald's native protocol.
  ///
  /// - Parameter identifier: SYSLOG_IDENTIFIER.
  package func journalEntry(identifier: String) -> [UInt8] {
    let text = PlainText.oneLine(message)
    let values = fields.reduce(0) { $0 + $1.value.utf8.count + $1.name.text.utf8.count }
    let texts = text.utf8.count + identifier.utf8.count + file.utf8.count + function.utf8.count
    // 8 fields of ours at most, of names up to 17 bytes and integers up to 20 digits.
    let size =
      values + texts + 8 * (64 + JournalEntryBuilder.framing) + fields.count * JournalEntryBuilder.framing
    return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      var builder = JournalEntryBuilder(into: UnsafeMutableRawBufferPointer(buffer))
      builder.append("MESSAGE", text)
      builder.append("PRIORITY", integer: UInt64(priority.rawValue))
      builder.append("SYSLOG_IDENTIFIER", identifier)
      if let messageID { builder.append("MESSAGE_ID", messageID.description) }
      builder.append("CODE_FILE", file)
      builder.append("CODE_LINE", integer: UInt64(line))
      builder.append("CODE_FUNC", function)
      for field in fields { builder.append(field.name, field.value) }
      count = builder.count
    }
  }
}
