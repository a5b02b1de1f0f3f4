// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Heartbeat
@testable import Journal
@testable import Liveness
@testable import Platform

struct DatagramEntryTests {
  private static let group = Endpoint(IPAddress(family: .ipv4, high: 0, low: 0xef01_0101), port: 5001)
  private static let peer = Endpoint(IPAddress(family: .ipv4, high: 0, low: 0x0a00_0005), port: 46378)

  /// What is written, into no more memory than the payload and `overhead`.
  private func write(
    _ payload: [UInt8], form: DatagramEntry.Form = .journal, group: Endpoint = group, source: Endpoint = peer,
    interface: String = "eth0", size: Int? = nil, isHeartbeat: Bool = false,
    said: Announcement? = nil, received: Int64 = 1_795_332_309_195_112_999
  ) -> [UInt8] {
    var names = InterfaceNames()
    _ = names.number(of: "another")
    let number = names.number(of: interface)
    var entry = DatagramEntry(form: form, group: group)
    entry.interfaceNames = names.bytes
    return payload.withUnsafeBytes { bytes in
      [UInt8](unsafeUninitializedCapacity: bytes.count + DatagramEntry.overhead) { buffer, count in
        let facts = LoggedDatagram(
          payload: bytes, size: size ?? bytes.count, source: source, interface: number,
          isHeartbeat: isHeartbeat, said: said, receivedNanoseconds: received)
        let memory = UnsafeMutableRawBufferPointer(start: buffer.baseAddress, count: buffer.count)
        count = entry.write(facts, into: memory)
      }
    }
  }

  @Test("an entry has the fields that the manual names, and no others")
  func fields() throws {
    let payload = Array("ATU 2026-11-22 07:25:09.195112".utf8)
    let entry = try #require(JournalEntry(write(payload, isHeartbeat: true)))
    #expect(
      entry.fields.mapValues { String(decoding: $0, as: UTF8.self) } == [
        "MESSAGE": "received 30 bytes from 10.0.0.5:46378 on eth0: ATU 2026-11-22 07:25:09.195112",
        "PRIORITY": "6", "SYSLOG_IDENTIFIER": "mcastd", "MESSAGE_ID": MessageKind.received.messageID,
        "MCAST_KIND": "heartbeat", "MCAST_GROUP": "239.1.1.1", "MCAST_PORT": "5001",
        "MCAST_INTERFACE": "eth0", "MCAST_SOURCE": "10.0.0.5", "MCAST_SOURCE_PORT": "46378",
        "MCAST_SIZE": "30", "MCAST_PAYLOAD": "ATU 2026-11-22 07:25:09.195112",
        "MCAST_RECEIVED_USEC": "1795332309195112",
      ])
  }

  @Test("the entry of a heartbeat that names its sender has the name and the number")
  func named() throws {
    let payload = Array("ATU 2026-11-22 07:25:09 host=ups1 run=1f seq=17".utf8)
    let said = payload.withUnsafeBytes { Heartbeat.read($0)?.said }
    let entry = try #require(JournalEntry(write(payload, isHeartbeat: true, said: said)))
    #expect(entry["MCAST_HOST"] == "ups1" && entry["MCAST_SEQ"] == "17")
    let plain = try #require(JournalEntry(write(payload, isHeartbeat: true, said: Announcement())))
    #expect(plain["MCAST_HOST"] == nil && plain["MCAST_SEQ"] == nil)
  }

  @Test("the name of an interface can end no line and colour no terminal; its field has it as it is")
  func hostileInterface() throws {
    let name = "e\u{1b}[31mx"
    let entry = try #require(JournalEntry(write([0x61], interface: name)))
    #expect(entry["MESSAGE"] == #"received 1 byte from 10.0.0.5:46378 on e\x1b[31mx: a"#)
    #expect(entry["MCAST_INTERFACE"] == name)
    #expect(
      String(decoding: write([0x61], form: .line, interface: name), as: UTF8.self)
        == #"received 1 byte from 10.0.0.5:46378 on e\x1b[31mx: a"# + "\n")
  }

  @Test("what is no heartbeat is a datagram, and its size is that of what was sent")
  func otherKind() throws {
    let entry = try #require(JournalEntry(write([0x61], size: 70_000)))
    #expect(entry["MCAST_KIND"] == "datagram")
    #expect(entry["MCAST_SIZE"] == "70000")
    #expect(entry["MESSAGE"] == "received 70000 bytes from 10.0.0.5:46378 on eth0: a")
  }

  @Test("a message counts bytes as people do", arguments: [(0, "0 bytes"), (1, "1 byte"), (2, "2 bytes")])
  func plural(count: Int, text: String) throws {
    let payload = [UInt8](repeating: 0x78, count: count)
    let entry = try #require(JournalEntry(write(payload)))
    #expect(
      entry["MESSAGE"] == "received \(text) from 10.0.0.5:46378 on eth0: "
        + String(repeating: "x", count: count))
    #expect(entry.fields["MCAST_PAYLOAD"] == payload)
  }

  @Test(
    "no payload can forge a field, an entry, a line or a colour",
    arguments: [
      (
        "\nPRIORITY=0\nMESSAGE=Accepted password for root\n",
        #"\nPRIORITY=0\nMESSAGE=Accepted password for root\n"#
      ),
      ("\n\nMESSAGE=second\n", #"\n\nMESSAGE=second\n"#), ("<0>panic", "<0>panic"),
      ("\u{1b}[31mred\u{7}", #"\x1b[31mred\x07"#), (#"C:\new"#, #"C:\\new"#), ("\0\r\t", #"\x00\x0d\x09"#),
      ("é\u{202e}", #"\xc3\xa9\xe2\x80\xae"#),
    ])
  func hostile(payload: String, shown: String) throws {
    let bytes = Array(payload.utf8)
    let entry = try #require(JournalEntry(write(bytes)))
    #expect(entry.fields.count == 13)
    #expect(entry.fields["MCAST_PAYLOAD"] == bytes)
    #expect(entry["PRIORITY"] == "6")
    let message = "received \(bytes.count) bytes from 10.0.0.5:46378 on eth0: \(shown)"
    #expect(entry["MESSAGE"] == message)
    #expect(write(bytes, form: .line) == Array((message + "\n").utf8))
  }

  @Test("of every byte there is, the exact one is kept")
  func everyByte() throws {
    let bytes = (0...255).map { UInt8($0) } + [10, 10, 0, 61, 10]
    #expect(try #require(JournalEntry(write(bytes))).fields["MCAST_PAYLOAD"] == bytes)
  }

  @Test("a message shows at most 256 characters of the payload, then an ellipsis")
  func longPayload() throws {
    let entry = try #require(JournalEntry(write([UInt8](repeating: 0x78, count: 257))))
    #expect(entry["MESSAGE"]?.hasSuffix(": " + String(repeating: "x", count: 256) + "…") == true)
    let escaped = try #require(JournalEntry(write([UInt8](repeating: 0, count: 65))))
    #expect(escaped["MESSAGE"]?.hasSuffix(": " + String(repeating: #"\x00"#, count: 64) + "…") == true)
  }

  @Test(
    "the largest datagram, the longest names and addresses fit into the payload's size and the overhead",
    arguments: [0, 1, 255, 256, 65_507, 65_535])
  func overhead(size: Int) throws {
    let longest = IPAddress(family: .ipv6, high: .max, low: .max)
    let endpoint = Endpoint(longest, port: 65_535)
    let payload = [UInt8](repeating: 0xff, count: size)
    var said = Announcement()
    (said.host, said.sequence) = (HostName(String(repeating: "n", count: HostName.longest)), .max)
    let bytes = write(
      payload, group: endpoint, source: endpoint, interface: String(repeating: "i", count: 15),
      said: said, received: .max)
    #expect(bytes.count <= size + DatagramEntry.overhead)
    let entry = try #require(JournalEntry(bytes))
    #expect(entry.fields["MCAST_PAYLOAD"] == payload)
    #expect(entry["MCAST_GROUP"] == "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")
    #expect(entry["MCAST_RECEIVED_USEC"] == "9223372036854775")
  }

  @Test("an IPv6 source is written as RFC 5952 has it, in brackets before a port")
  func ipv6() throws {
    let source = try Endpoint(#require(IPAddress("fe80::1:0:0:5")), port: 7)
    let group = try Endpoint(#require(IPAddress("FF15:0::00ab")), port: 5001)
    let entry = try #require(JournalEntry(write([0x61], group: group, source: source)))
    #expect(entry["MCAST_SOURCE"] == "fe80::1:0:0:5")
    #expect(entry["MCAST_GROUP"] == "ff15::ab")
    #expect(entry["MESSAGE"] == "received 1 byte from [fe80::1:0:0:5]:7 on eth0: a")
  }

  @Test(
    "an IPv4 address is written as inet_ntop(3) does",
    arguments: ["0.0.0.0", "255.255.255.255", "10.0.200.9"])
  func ipv4(address: String) throws {
    let source = try Endpoint(#require(IPAddress(address)), port: 1)
    #expect(try #require(JournalEntry(write([], source: source)))["MCAST_SOURCE"] == address)
  }
}
