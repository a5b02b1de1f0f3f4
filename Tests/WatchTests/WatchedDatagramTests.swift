// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Testing

@testable import Heartbeat
@testable import Multicast
@testable import Platform
@testable import Watch

struct WatchedDatagramTests {
  private static let group = Endpoint(IPAddress(family: .ipv4, high: 0, low: 0xef01_0101), port: 5001)

  private func watched<Result>(
    _ payload: [UInt8], size: Int? = nil, _ body: (borrowing ReceivedDatagram) -> Result
  ) -> Result {
    payload.withUnsafeBytes {
      body(
        ReceivedDatagram(
          payload: $0, size: size ?? $0.count,
          source: Endpoint(IPAddress(family: .ipv4, high: 0, low: 0x0a00_0005), port: 46378),
          destination: Self.group.address, interfaceIndex: 2, receivedNanoseconds: 1_795_332_309_195_112_999))
    }
  }

  private func json(_ payload: [UInt8], size: Int? = nil) throws -> (line: String, object: WatchedJSON) {
    let line = watched(payload, size: size) {
      WatchedDatagram($0, group: Self.group, interface: "eth0").json().description
    }
    return (line, try JSONDecoder().decode(WatchedJSON.self, from: Data(line.utf8)))
  }

  @Test("JSON is one line with the names that the manual has, and no others")
  func names() throws {
    let (line, _) = try json(Array("ATU 2026-11-22 07:25:09.195112".utf8))
    #expect(
      line == #"{"group":"239.1.1.1","interface":"eth0","kind":"heartbeat","#
        + #""payload":"ATU 2026-11-22 07:25:09.195112","port":5001,"receivedUsec":1795332309195112,"#
        + #""size":30,"source":"10.0.0.5","sourcePort":46378}"# + "\n")
  }

  @Test("JSON has the readings of a heartbeat by key, drills by their word, and of no other datagram")
  func readings() throws {
    let words = #"host=a a.b="x \" \\ y" ups.status=OL ups.status=OB test.ups.status=LB k.empty="" plain=1"#
    let (line, object) = try json(Array("ATU 2026-11-22 07:25:09.195112 \(words)".utf8))
    #expect(
      object.readings
        == ["a.b": #"x " \ y"#, "ups.status": "OL", "test.ups.status": "LB", "k.empty": "?"])
    #expect(
      line.contains(
        #""readings":{"a.b":"x \" \\ y","k.empty":"?","test.ups.status":"LB","ups.status":"OL"},"#))
    #expect(try json(Array("ATU 2026-11-22 07:25:09.195112 plain=1".utf8)).object.readings == nil)
    #expect(try json(Array("ATU a.b=1".utf8)).object.readings == nil)
  }

  @Test("where the watcher has the keys, what a heartbeat proves is shown")
  func proofs() {
    let beat = Array("ATU 2026-11-22 07:25:09.195112".utf8)
    let line = watched(beat) { WatchedDatagram.line($0, .replayed, interface: "eth0").description }
    #expect(line.hasSuffix(", 30 bytes, auth replayed: ATU 2026-11-22 07:25:09.195112\n"))
    let json = watched(beat) {
      WatchedDatagram($0, .ok, group: Self.group, interface: "eth0").json().description
    }
    #expect(json.hasPrefix(#"{"auth":"ok","group""#))
  }

  @Test(
    "printable UTF-8 is a string",
    arguments: [
      "", "a", "grüße · ✓", #"quote " and \ and / and {"a":1}"#, "ATU", String(repeating: "x", count: 9000),
    ])
  func printable(text: String) throws {
    let (line, object) = try json(Array(text.utf8))
    #expect(object.payload == text && object.payloadBase64 == nil)
    #expect(object.kind == "datagram" && object.size == text.utf8.count)
    #expect(line.utf8.count { $0 == 0x0a } == 1)
  }

  @Test(
    "everything else is base64",
    arguments: [
      [0xff], [0xc3], [0xed, 0xa0, 0x80], [0], [0x0a], [0x1b, 0x5b], [0x61, 0x0d], [0x7f], [0xc2, 0x9b],
      [0xe2, 0x80, 0xae], [0xe2, 0x80, 0xa8],
    ] as [[UInt8]])
  func binary(bytes: [UInt8]) throws {
    let (line, object) = try json(bytes)
    #expect(object.payload == nil && object.payloadBase64.flatMap { Data(base64Encoded: $0) } == Data(bytes))
    #expect(line.utf8.allSatisfy { $0 == 0x0a || (0x20..<0x7f).contains($0) })
  }

  @Test("the size is that of the sent payload")
  func size() throws {
    #expect(try json([0x61], size: 70_000).object.size == 70_000)
  }

  @Test(
    "a line shows time, source, interface and size, and no payload moves the cursor")
  func line() {
    let line = watched(Array("a\n\u{1b}[2J\\".utf8)) {
      WatchedDatagram.line($0, interface: "eth0").description
    }
    #expect(line.hasSuffix(#" 10.0.0.5:46378 on eth0, 7 bytes: a\n\x1b[2J\\"# + "\n"))
    let strange = watched([]) { WatchedDatagram.line($0, interface: "e\u{1b}[31m\u{9b}x").description }
    #expect(strange.hasSuffix(#" on e\x1b[31m\x9bx, 0 bytes: "# + "\n"))
    // `2026-11-22 07:25:09.195112` in whatever zone the test runs in.
    #expect(line.prefix(26).wholeMatch(of: #/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.195112/#) != nil)
  }
}

/// Every name that may be there; a name that is not of these makes no difference here, but in `names` it
/// does.
private struct WatchedJSON: Decodable {
  var receivedUsec: Int64
  var source: String
  var sourcePort: Int
  var group: String
  var port: Int
  var interface: String
  var size: Int
  var kind: String
  var readings: [String: String]?
  var payload: String?
  var payloadBase64: String?
}
