// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Journal

struct LogRecordTests {
  private typealias Field = NativeProtocolParser.Field

  @Test("a record is one entry, whatever is in it")
  func entry() throws {
    let record = LogRecord(
      .warning, "eth0 · gone\n\nMESSAGE=forged\u{1b}[2J", kind: .interfaceLost,
      fields: ["MCAST_DETAIL": "a\n\nPRIORITY=0\n"], file: "F.swift", line: 7, function: "f()")
    #expect(
      try NativeProtocolParser.entry(record.journalEntry) == [
        Field("MESSAGE", "eth0 · gone\\n\\nMESSAGE=forged\\x1b[2J"), Field("PRIORITY", "4"),
        Field("SYSLOG_IDENTIFIER", "mcastd"), Field("MESSAGE_ID", MessageKind.interfaceLost.messageID),
        Field("CODE_FILE", "F.swift"), Field("CODE_LINE", "7"), Field("CODE_FUNC", "f()"),
        Field("MCAST_DETAIL", "a\n\nPRIORITY=0\n"),
      ])
  }

  @Test(
    "fields are sorted by name, in upper case; names that journald would not accept are left out"
  )
  func fields() {
    let record = LogRecord(.info, "", fields: ["B": "2", "A_1": "1", "mcast-port": "5001", "_": "dropped"])
    #expect(record.fields.map { "\($0.name.text)=\($0.value)" } == ["A_1=1", "B=2", "MCAST_PORT=5001"])
  }

  @Test("many long fields fit as well")
  func manyFields() throws {
    let fields = (0..<100).map { ("F\($0)", String(repeating: "v", count: $0 * 10)) }
    let record = LogRecord(.info, "", fields: Dictionary(uniqueKeysWithValues: fields))
    #expect(try NativeProtocolParser.entry(record.journalEntry).count == 106)
  }

  @Test("the longest entry without fields fits")
  func longest() throws {
    for kind in MessageKind.allCases {
      let record = LogRecord(.debug, "", kind: kind, file: "", line: .max, function: "")
      #expect(try NativeProtocolParser.entry(record.journalEntry).count == 7)
    }
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

  @Test("a line of any length fits into a pipe that has room (PIPE_BUF)")
  func longLine() {
    let line = LogRecord(.warning, String(repeating: "ä\n", count: 5000)).consoleLine
    #expect((4000..<4096).contains(line.utf8.count) && line.hasSuffix("…"))
  }

  @Test("priorities have the numbers of syslog(3), and more urgent is less")
  func priorities() {
    #expect(JournalPriority.allCases.map(\.rawValue) == Array(0...7))
    #expect(JournalPriority.allCases.sorted() == JournalPriority.allCases)
  }
}
