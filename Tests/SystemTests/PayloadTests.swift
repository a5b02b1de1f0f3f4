// SPDX-License-Identifier: Apache-2.0

import Testing

extension SystemTests {
  /// Anyone may send anything: it stays what it is, and where it belongs.
  @Suite(.container)
  struct PayloadTests {
    @Test(
      "is one entry at priority 6 with the exact bytes, and no other entry", arguments: HostilePayload.all)
    func oneEntry(payload: HostilePayload) async throws {
      let container = try Container.current
      try await container.systemctl("start", "mcastd")
      let start = try await container.journalEnd()
      let end = Array("the end".utf8)
      let input = [payload.bytes, end].map { HostilePayload.hexadecimal($0) + "\n" }.joined()
      try await container.peer("send", input: Array(input.utf8)).checked()
      try await container.entries(1, after: start, "MCAST_PAYLOAD=the end")

      // All that journald itself attributes to the daemon, whatever the fields claim.
      let entries = try await container.journal(after: start, "_SYSTEMD_UNIT=mcastd.service")
        .filter { $0["MCAST_KIND"] != "heartbeat" || $0.bytes("MCAST_PAYLOAD") == payload.bytes }
      #expect(entries.count == 2, "\(entries)")
      let entry = try #require(entries.first)
      #expect(entry.bytes("MCAST_PAYLOAD") == payload.bytes)
      #expect(entry["PRIORITY"] == "6")
      #expect(entry["SYSLOG_IDENTIFIER"] == "mcastd")
      #expect(entry["MCAST_KIND"] == "datagram")
      #expect(entry["MCAST_SIZE"] == "\(payload.bytes.count)")
      let source = try #require(entry["MCAST_SOURCE_PORT"])
      let message = try #require(entry["MESSAGE"])
      let unit = payload.bytes.count == 1 ? "byte" : "bytes"
      #expect(message.hasPrefix("received \(payload.bytes.count) \(unit) from 127.0.0.1:\(source) on lo: "))
      #expect(message.unicodeScalars.allSatisfy { (0x20...0x7e).contains($0.value) || $0 == "…" })
      #expect(message.count <= 256 + 80)
      #expect(message.hasSuffix(payload.shown))

      // Not from anybody else either.
      let all = try await container.journal(after: start)
      #expect(!all.contains { ($0["MESSAGE"] ?? "").hasPrefix("forged") }, "\(all)")
    }
  }
}

/// A payload that would do harm in a naive logger.
struct HostilePayload: Sendable, CustomTestStringConvertible {
  let name: String
  let bytes: [UInt8]
  /// How the message must end.
  let shown: String

  var testDescription: String { name }

  static let all: [HostilePayload] = [
    HostilePayload(name: "a newline", bytes: Array("a\nb".utf8), shown: #": a\nb"#),
    HostilePayload(
      name: "a blank line and a forged entry", bytes: Array("x\n\nMESSAGE=forged\nPRIORITY=0\n\n".utf8),
      shown: #": x\n\nMESSAGE=forged\nPRIORITY=0\n\n"#),
    HostilePayload(name: "a field", bytes: Array("PRIORITY=0".utf8), shown: ": PRIORITY=0"),
    HostilePayload(name: "a level prefix", bytes: Array("<0>forged".utf8), shown: ": <0>forged"),
    HostilePayload(
      name: "an escape sequence", bytes: Array("\u{1b}[2J\u{1b}]0;x\u{7}".utf8),
      shown: #": \x1b[2J\x1b]0;x\x07"#),
    HostilePayload(name: "invalid UTF-8", bytes: [0xc3, 0x28, 0xff, 0xfe], shown: #": \xc3(\xff\xfe"#),
    HostilePayload(
      name: "a right-to-left override", bytes: Array("\u{202e}x".utf8), shown: #": \xe2\x80\xaex"#),
    HostilePayload(name: "NUL", bytes: [0x61, 0, 0x62, 0], shown: #": a\x00b\x00"#),
    HostilePayload(name: "a backslash", bytes: Array(#"\n"#.utf8), shown: #": \\n"#),
    HostilePayload(name: "nothing", bytes: [], shown: ": "),
    HostilePayload(
      name: "65,507 bytes of text", bytes: [UInt8](repeating: UInt8(ascii: "a"), count: 65_507),
      shown: String(repeating: "a", count: 256) + "…"),
    HostilePayload(
      name: "65,507 bytes of anything", bytes: (0..<65_507).map { UInt8(truncatingIfNeeded: $0 &* 31) },
      shown: "…"),
  ]

  static func hexadecimal(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    let text = bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    return String(decoding: text, as: UTF8.self)
  }
}
