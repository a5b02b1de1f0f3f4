// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Platform
import Rules
import TestSupport
import Testing

@testable import Control

struct JournalFieldsTests {
  private func fields(_ line: String) -> JournalFields? {
    Array(line.utf8).withUnsafeBytes { JournalFields($0) }
  }

  /// As journalctl of systemd 252 prints it.
  private let line = #"""
    {"MCAST_SOURCE_PORT":"40332","_HOSTNAME":"db1","MESSAGE":"received 120 bytes","_SYSTEMD_UNIT":"mcastd.service",\#
    "MCAST_INTERFACE":"eth0","MCAST_AUTH":"signed","MCAST_KIND":"heartbeat","_UID":"999","MCAST_GROUP":"239.1.1.1",\#
    "MCAST_PORT":"5001","MCAST_SOURCE":"10.0.0.5","MCAST_RECEIVED_USEC":"1795996800123456",\#
    "MCAST_PAYLOAD":"ATU 2026-11-30 00:00:00.000000 host=ups1 ups.status=\"OB DISCHRG\""}
    """#

  @Test("an entry of the daemon is a record")
  func record() throws {
    guard case .heartbeat(let record) = fields(line)?.finding else {
      Issue.record("no heartbeat")
      return
    }
    #expect(
      String(decoding: record.payload, as: UTF8.self)
        == #"ATU 2026-11-30 00:00:00.000000 host=ups1 ups.status="OB DISCHRG""#)
    #expect(record.received == 1_795_996_800_123_456_000)
    #expect("\(record.source)" == "10.0.0.5:40332" && record.interface == "eth0")
    #expect(record.proof == .signed)
    #expect(record.recorder == "db1 mcastd.service 239.1.1.1 5001")
  }

  @Test("a field is text, an array of bytes, null, or an array of these")
  func forms() throws {
    func payload(_ value: String) -> [UInt8]? { fields("{\"MCAST_PAYLOAD\":\(value)}")?[.payload] }
    #expect(payload(#""a\n\t\"\\\/\u00e9\ud83d\ude00""#) == Array("a\n\t\"\\/é😀".utf8))
    #expect(payload("[65, 0,255]") == [65, 0, 255])
    #expect(payload("[]") == [])
    #expect(payload(#"["first","second"]"#) == Array("first".utf8))
    #expect(payload(#"[[1,2],"second",null]"#) == [1, 2])
    let hidden = fields(#"{"MCAST_KIND":"heartbeat","MCAST_PAYLOAD":null}"#)
    #expect(hidden?[.payload] == nil && hidden?.hidden == [.payload])
    guard case .incomplete = hidden?.finding else {
      Issue.record("not incomplete")
      return
    }
  }

  @Test("what is not asked for may be anything")
  func passedOver() throws {
    let line = #"{"a":{"b":[1,{"c":"}\""}],"d":true},"e":-1.5e3,"MCAST_KIND":"datagram","f":[[],[[]]]} "#
    #expect(fields(line)?.text(.kind) == "datagram")
    guard case .other = fields(line)?.finding else {
      Issue.record("a heartbeat")
      return
    }
  }

  @Test(
    "what is no object is nothing",
    arguments: [
      "", " ", "[]", "x", "{", "{}}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{\"a\":1}x", "{\"a\":[1}",
      "{\"MCAST_PAYLOAD\":256}", "{\"MCAST_PAYLOAD\":[256]}", "{\"MCAST_PAYLOAD\":[1,\"a\"]}",
      "{\"MCAST_PAYLOAD\":\"\\x\"}", "{\"MCAST_PAYLOAD\":\"\\ud800\"}", "{\"MCAST_PAYLOAD\":\"\\u12\"}",
      "{\"MCAST_PAYLOAD\":\"a", "{\"a\":\"\\",
    ])
  func broken(_ line: String) {
    #expect(fields(line) == nil)
  }

  @Test("no bytes make it trap", arguments: 1...3)
  func random(seed: Int) {
    var random = SeededRandom(testSeed: UInt64(seed))
    let original = Array(line.utf8)
    for _ in 0..<2000 {
      var bytes = original
      for _ in 0...random.below(4) {
        bytes[random.below(bytes.count)] = [34, 92, 91, 93, 123, 125, 44, 58, 117, 0, 255][random.below(11)]
      }
      bytes.removeLast(random.below(bytes.count))
      _ = bytes.withUnsafeBytes { JournalFields($0)?.finding }
    }
  }
}
