// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Journal

struct JournalEntryBuilderTests {
  typealias Field = NativeProtocolParser.Field

  /// What a builder of `capacity` bytes made of `body`; nil when it overflowed.
  private func build(capacity: Int = 1 << 17, _ body: (inout JournalEntryBuilder) -> Void) -> [UInt8]? {
    // Dirty memory, as a reused slot is.
    var memory = [UInt8](repeating: 0xaa, count: capacity)
    return memory.withUnsafeMutableBytes { buffer in
      var builder = JournalEntryBuilder(into: buffer)
      body(&builder)
      return builder.entry.map { Array($0) }
    }
  }

  static let hostile: [[UInt8]] = [
    [],
    [0],
    Array("\n".utf8),
    Array("first\nPRIORITY=0\n".utf8),
    Array("\n\nMESSAGE=forged\n\n".utf8),
    Array("<0>\u{1b}[2J".utf8),
    [0xff, 0xfe, 0x80, 0x00, 0x0a, 0x0a],
    Array("MESSAGE\n".utf8) + [6, 0, 0, 0, 0, 0, 0, 0] + Array("forged\n".utf8),
    [UInt8](repeating: 0x0a, count: 65_507),
    (0..<65_507).map { UInt8(truncatingIfNeeded: $0) },
  ]

  @Test("whatever a payload holds, it is one field of one entry", arguments: hostile)
  func hostilePayload(payload: [UInt8]) throws {
    let bytes = try #require(
      build { builder in
        builder.append("MESSAGE", "received")
        payload.withUnsafeBytes { builder.append("MCAST_PAYLOAD", $0) }
        builder.append("PRIORITY", integer: UInt64(6))
      })
    #expect(
      try NativeProtocolParser.entry(bytes)
        == [Field("MESSAGE", "received"), Field("MCAST_PAYLOAD", payload), Field("PRIORITY", "6")])
  }

  @Test("a field is framed by its length, little-endian, as the protocol says")
  func framing() {
    let bytes = build { $0.append("MESSAGE", "ab") }
    #expect(bytes == Array("MESSAGE\n".utf8) + [2, 0, 0, 0, 0, 0, 0, 0] + Array("ab\n".utf8))
  }

  @Test(
    "integers are written whole",
    arguments: [0, 9, 10, 99, 100, 1_795_000_000_123_456, UInt64.max - 1, UInt64.max])
  func unsigned(value: UInt64) throws {
    let bytes = try #require(build { $0.append("N", integer: value) })
    #expect(try NativeProtocolParser.entry(bytes) == [Field("N", String(value))])
  }

  @Test("signed integers keep their sign", arguments: [Int64.min, -10, -1, 0, 1, Int64.max])
  func signed(value: Int64) throws {
    let bytes = try #require(build { $0.append("N", integer: value) })
    #expect(try NativeProtocolParser.entry(bytes) == [Field("N", String(value))])
  }

  @Test("a field composed in place gets its length afterwards")
  func composed() throws {
    let bytes = try #require(
      build { builder in
        builder.beginField("MESSAGE")
        builder.appendText("received ")
        builder.appendDecimal(30)
        builder.appendText(String(" bytes: "))
        Array("a\nb".utf8).withUnsafeBytes { builder.appendEscaped($0) }
        builder.endField()
        builder.append("AFTER", "1")
      })
    #expect(
      try NativeProtocolParser.entry(bytes) == [
        Field("MESSAGE", "received 30 bytes: a\\nb"), Field("AFTER", "1"),
      ])
  }

  @Test("constant fields can be prepared once")
  func prepared() throws {
    let message = try #require(JournalFieldName("MESSAGE"))
    let identifier = try #require(JournalFieldName("SYSLOG_IDENTIFIER"))
    let fields = JournalEntryBuilder.prepared([(message, "two\nlines"), (identifier, "")])
    let bytes = try #require(
      build { builder in
        builder.append(prepared: fields)
        builder.append("N", integer: UInt64(1))
      })
    #expect(
      try NativeProtocolParser.entry(bytes)
        == [Field("MESSAGE", "two\nlines"), Field("SYSLOG_IDENTIFIER", ""), Field("N", "1")])
  }

  @Test("an entry that does not fit is none, at whichever byte the memory ends")
  func overflow() throws {
    func fill(_ builder: inout JournalEntryBuilder) {
      builder.append("MESSAGE", "hello")
      builder.append("N", integer: Int64(-123))
      builder.beginField("ESCAPED")
      [UInt8](repeating: 0, count: 100).withUnsafeBytes { builder.appendEscaped($0) }
      builder.endField()
      builder.append("LAST", "x")
    }
    let whole = try #require(build { fill(&$0) })
    for capacity in 0..<whole.count {
      #expect(build(capacity: capacity) { fill(&$0) } == nil, "capacity \(capacity)")
    }
    #expect(build(capacity: whole.count) { fill(&$0) } == whole)
  }

  @Test("after an overflow a shorter field does not slip in")
  func overflowIsFinal() {
    let entry = build(capacity: 30) { builder in
      builder.append("MESSAGE", "much too long for thirty bytes")
      #expect(builder.overflowed)
      let count = builder.count
      builder.append("N", integer: UInt64(1))
      #expect(builder.count == count)
    }
    #expect(entry == nil)
  }
}

struct JournalFieldNameTests {
  @Test(
    "names that journald accepts",
    arguments: ["A", "MESSAGE", "MCAST_SOURCE_PORT", "A1_", String(repeating: "A", count: 64)])
  func valid(name: String) {
    #expect(JournalFieldName(name)?.text == name)
  }

  @Test(
    "names that journald drops",
    arguments: [
      "", "_TRANSPORT", "1A", "a", "A-B", "A B", "A=B", "A\n", "Ä", String(repeating: "A", count: 65),
    ])
  func invalid(name: String) {
    #expect(JournalFieldName(name) == nil)
  }

  @Test("a name is made of any key")
  func made() {
    #expect(JournalFieldName(from: "peer-address")?.text == "PEER_ADDRESS")
    #expect(JournalFieldName(from: "_9lives")?.text == "LIVES")
    #expect(JournalFieldName(from: "a=b\nPRIORITY")?.text == "A_B_PRIORITY")
    #expect(
      JournalFieldName(from: String(repeating: "x", count: 100))?.text == String(repeating: "X", count: 64))
    #expect(JournalFieldName(from: "") == nil)
    #expect(JournalFieldName(from: "_1") == nil)
  }
}
