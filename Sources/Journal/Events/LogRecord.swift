// SPDX-License-Identifier: Apache-2.0

import Platform

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

  /// In the order of the numbers: more urgent is less.
  package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

/// One of the daemon's own messages.
package struct LogRecord: Equatable, Sendable {
  package var priority: JournalPriority
  /// Arbitrary text: line breaks and control characters are escaped when it is written.
  package var message: String
  /// Gives MESSAGE_ID; nil for an entry without one.
  package var kind: MessageKind?
  /// Further fields, sorted by the names given, so that all entries of a kind have them in the same order.
  package var fields: [Field]
  /// CODE_FILE, CODE_LINE, CODE_FUNC.
  package var file: String
  package var line: UInt
  package var function: String

  package struct Field: Equatable, Sendable {
    package let name: JournalFieldName
    package let value: String
  }

  /// - Parameter fields: by name, in any case (`JournalFieldName(from:)`). The names of the properties above
  ///   are not allowed.
  package init(
    _ priority: JournalPriority, _ message: String, kind: MessageKind? = nil, fields: [String: String] = [:],
    file: String = #fileID, line: UInt = #line, function: String = #function
  ) {
    self.priority = priority
    self.message = message
    self.kind = kind
    self.fields = fields.sorted { $0.key < $1.key }.compactMap { key, value in
      JournalFieldName(from: key).map { Field(name: $0, value: value) }
    }
    self.file = file
    self.line = line
    self.function = function
  }

  /// The entry of an event.
  package init(
    _ entry: EventEntry, file: String = #fileID, line: UInt = #line, function: String = #function
  ) {
    self.init(
      entry.priority, entry.message, kind: entry.kind, fields: entry.fields, file: file, line: line,
      function: function)
  }

  /// Bytes of a line's text, so that all of it fits into a pipe that has room (`LogDestination`).
  private static let longestText = 4080

  /// The line for a terminal, without fields and line break. Warnings, errors and debug messages are marked.
  /// At most PIPE_BUF bytes with its line break; the rest is an ellipsis.
  package var consoleLine: String {
    let text = PlainText.clipped(PlainText.oneLine(message), to: Self.longestText)
    return switch priority {
    case .emergency, .alert, .critical, .error: "error: \(text)"
    case .warning: "warning: \(text)"
    case .notice, .info: text
    case .debug: "debug: \(text)"
    }
  }

  /// The entry in journald's native protocol.
  package var journalEntry: [UInt8] {
    let text = PlainText.oneLine(message)
    let values = fields.reduce(0) { $0 + $1.value.utf8.count + $1.name.text.utf8.count }
    let texts = text.utf8.count + Program.identifier.utf8.count + file.utf8.count + function.utf8.count
    // At most 8 fields of fixed names: at most 17 bytes of name and 32 of MESSAGE_ID or 20 digits.
    let size =
      values + texts + 8 * (64 + JournalEntryBuilder.framing) + fields.count * JournalEntryBuilder.framing
    return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      var builder = JournalEntryBuilder(into: UnsafeMutableRawBufferPointer(buffer))
      builder.append("MESSAGE", text)
      builder.append("PRIORITY", integer: UInt64(priority.rawValue))
      builder.append("SYSLOG_IDENTIFIER", Program.identifier)
      if let kind { builder.append("MESSAGE_ID", kind.messageID) }
      builder.append("CODE_FILE", file)
      builder.append("CODE_LINE", integer: UInt64(line))
      builder.append("CODE_FUNC", function)
      for field in fields { builder.append(field.name, field.value) }
      precondition(!builder.overflowed, "the size above is too small")
      count = builder.count
    }
  }
}
