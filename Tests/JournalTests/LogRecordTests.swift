// SPDX-License-Identifier: Apache-2.0

import Logging
import Synchronization
import Testing

@testable import Journal

struct LogRecordTests {
  private typealias Field = NativeProtocolParser.Field

  private final class MemorySink: LogSink {
    private let stored = Mutex<[LogRecord]>([])
    var records: [LogRecord] { stored.withLock { $0 } }
    func record(_ record: LogRecord) { stored.withLock { $0.append(record) } }
  }

  private let sink = MemorySink()
  private let started = "5b1c0f7d2a7e4d0f9c55a4f1c3b2e1d0"

  private func logger(metadataProvider: Logger.MetadataProvider? = nil) -> Logger {
    let handler = JournalLogHandler(sink: sink, level: .trace, metadataProvider: metadataProvider)
    return Logger(label: "test") { _ in handler }
  }

  @Test("a message becomes a record with priority, message ID, fields and place")
  func record() throws {
    logger().notice(
      "started", metadata: ["MESSAGE_ID": "\(started)", "mcast-port": "\(5001)", "_": "dropped"],
      file: "Daemon/Run.swift", function: "run()", line: 42)
    let port = try #require(JournalFieldName("MCAST_PORT"))
    #expect(
      sink.records == [
        LogRecord(
          .notice, "started", id: try MessageID(started), fields: [.init(port, "5001")],
          file: "Daemon/Run.swift", line: 42, function: "run()")
      ])
  }

  @Test("metadata of the call goes before the provider's, and that before the logger's")
  func precedence() throws {
    var logger = logger(metadataProvider: Logger.MetadataProvider { ["b": "provider", "c": "provider"] })
    logger[metadataKey: "a"] = "logger"
    logger[metadataKey: "b"] = "logger"
    #expect(logger[metadataKey: "b"] == "logger")
    logger.info("x", metadata: ["c": "call"])
    let fields = try #require(sink.records.first).fields.map { "\($0.name.text)=\($0.value)" }
    #expect(fields == ["A=logger", "B=provider", "C=call"])
  }

  @Test("metadata cannot take the place of the entry's own fields")
  func ownFields() throws {
    logger().info("true", metadata: ["message": "forged", "PRIORITY": "0", "MESSAGE_ID": "nonsense"])
    let record = try #require(sink.records.first)
    #expect(record.messageID == nil)
    let names = try NativeProtocolParser.entry(record.journalEntry(identifier: "mcastd")).map(\.name)
    #expect(Set(names).count == names.count)
    #expect(
      names.filter { $0.hasPrefix("METADATA_") }.sorted()
        == ["METADATA_MESSAGE", "METADATA_MESSAGE_ID", "METADATA_PRIORITY"])
  }

  @Test("the level of the logger holds")
  func level() {
    var logger = logger()
    logger.logLevel = .warning
    logger.info("not heard")
    logger.error("heard")
    #expect(sink.records.map(\.message) == ["heard"])
  }

  @Test("an error given to the logger is a field")
  func error() throws {
    logger().error("failed", error: JournalError.call("connect", object: "/run/x", errno: 2))
    let field = try #require(sink.records.first?.fields.first)
    #expect(field.name.text == "ERROR")
    #expect(field.value == "connect /run/x: No such file or directory")
  }

  @Test("a record is one entry, whatever is in it")
  func entry() throws {
    let name = try #require(JournalFieldName("MCAST_DETAIL"))
    let record = LogRecord(
      .warning, "eth0 · gone\n\nMESSAGE=forged\u{1b}[2J", id: try MessageID(started),
      fields: [.init(name, "a\n\nPRIORITY=0\n")], file: "F.swift", line: 7, function: "f()")
    #expect(
      try NativeProtocolParser.entry(record.journalEntry(identifier: "mcastd")) == [
        Field("MESSAGE", "eth0 · gone\\n\\nMESSAGE=forged\\x1b[2J"), Field("PRIORITY", "4"),
        Field("SYSLOG_IDENTIFIER", "mcastd"), Field("MESSAGE_ID", started), Field("CODE_FILE", "F.swift"),
        Field("CODE_LINE", "7"), Field("CODE_FUNC", "f()"), Field("MCAST_DETAIL", "a\n\nPRIORITY=0\n"),
      ])
  }

  @Test("many long fields fit as well")
  func manyFields() throws {
    let fields = try (0..<100).map {
      LogRecord.Field(try #require(JournalFieldName("F\($0)")), String(repeating: "v", count: $0 * 10))
    }
    let record = LogRecord(.info, "", fields: fields)
    #expect(try NativeProtocolParser.entry(record.journalEntry(identifier: "mcastd")).count == 106)
  }

  @Test(
    "a person reads the message, and what it is where that matters",
    arguments: [
      (JournalPriority.critical, "error: m"), (.error, "error: m"), (.warning, "warning: m"), (.notice, "m"),
      (.info, "m"), (.debug, "debug: m"),
    ])
  func consoleLine(priority: JournalPriority, line: String) {
    #expect(LogRecord(priority, "m").consoleLine == line)
  }

  @Test("levels of swift-log have the priorities of syslog")
  func levels() {
    #expect(Logger.Level.allCases.map { JournalPriority($0).rawValue } == [7, 7, 6, 5, 4, 3, 2])
  }
}

struct MessageIDTests {
  @Test("32 hexadecimal digits are an ID, in lower case")
  func valid() throws {
    #expect(
      try MessageID("5B1C0F7D2A7E4D0F9C55A4F1C3B2E1D0").description == "5b1c0f7d2a7e4d0f9c55a4f1c3b2e1d0")
    #expect(
      MessageID(constant: "5b1c0f7d2a7e4d0f9c55a4f1c3b2e1d0").description
        == "5b1c0f7d2a7e4d0f9c55a4f1c3b2e1d0")
  }

  @Test(
    "anything else is none",
    arguments: [
      "", "5b1c0f7d", "5b1c0f7d2a7e4d0f9c55a4f1c3b2e1dg", "5b1c0f7d-2a7e-4d0f-9c55-a4f1c3b2e1d0",
      "00000000000000000000000000000000", "5b1c0f7d2a7e4d0f9c55a4f1c3b2e1d\n",
    ])
  func invalid(text: String) {
    #expect(throws: JournalError.invalidMessageID(text)) { try MessageID(text) }
  }
}
