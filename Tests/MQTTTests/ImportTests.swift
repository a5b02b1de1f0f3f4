// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Platform
import TestSupport
import Testing

@testable import MQTT

struct ImportTests {
  private static let millisecond: Int64 = 1_000_000

  private func line(_ value: String, topic: String = "t") throws -> ImportLine {
    try ImportLine(topic: topic, value: value)
  }

  private func value(_ payload: String, _ line: String) throws -> String? {
    try? ImportPayload.value(of: Array(payload.utf8), by: self.line(line)).text
  }

  @Test("a line has topic, key, unit, path and expiry")
  func lines() throws {
    let reader = ConfigurationReader(
      Array("[import]\nzigbee2mqtt/Rack2=temp.outlet C json=a.b expire=1min\nx/y = a.b\n".utf8), path: "/f")
    #expect(reader.faults == [])
    let lines = reader.configuration.imports
    try #require(lines.count == 2)
    #expect(
      lines[0].topic == "zigbee2mqtt/Rack2" && lines[0].key.text == "temp.outlet" && lines[0].unit == "C")
    #expect(lines[0].path == ["a", "b"] && lines[0].expiry == .seconds(60))
    #expect(lines[1].topic == "x/y" && lines[1].unit == "" && lines[1].expiry == .seconds(300))
  }

  @Test(
    "lines that are none are faults with their number",
    arguments: [
      "a/+=a.b", "a/#=a.b", "$SYS/x=a.b", "mcastd/site/x/a.b=a.b", "mcastd=a.b", "x=", "x=nodot", "x=A.b",
      "x=a.b K", "x=a.b C V", "x=a.b json=", "x=a.b json=a..b", "x=a.b json=a json=b", "x=a.b expire=0s",
      "x=a.b expire=25h", "x=a.b expire=5", "x=test.a.b",
    ])
  func faults(text: String) {
    let reader = ConfigurationReader(Array("[import]\n\(text)\n".utf8), path: "/f")
    #expect(reader.faults.map(\.line) == [2] && reader.configuration.imports == [])
  }

  @Test("a reading has one source, and there are at most 64 lines")
  func bounds() {
    let double = ConfigurationReader(Array("[import]\nx=a.b\ny=a.b\n".utf8), path: "/f")
    #expect(double.faults.map(\.line) == [3])
    let text = "[import]\n" + (0..<65).map { "t=k.\($0)\n" }.joined()
    #expect(ConfigurationReader(Array(text.utf8), path: "/f").faults.map(\.line) == [66])
  }

  @Test("numbers get the unit, words stay, JSON is looked into")
  func values() throws {
    #expect(try value("24.5\n", "a.b C") == "24.5C")
    #expect(try value("-3", "a.b C") == "-3C")
    #expect(try value("ON", "a.b") == "ON")
    #expect(try value("{\"temperature\":24.5,\"x\":[1]}", "a.b C json=temperature") == "24.5C")
    #expect(try value("{\"E\":{\"Power\":12}}", "a.b W json=E.Power") == "12W")
    #expect(try value("{\"s\":\"21.0\"}", "a.b C json=s") == "21.0C")
    #expect(try value("{\"s\":true}", "a.b json=s") == "true")
    #expect(try value("{\"s\":\"ON\"}", "a.b json=s") == "ON")
  }

  @Test(
    "what is no value is refused",
    arguments: [
      ("", "a.b"), ("?", "a.b"), ("\u{1}", "a.b"), ("ä", "a.b"), ("24.5C", "a.b C"), ("nan", "a.b C"),
      ("1e5", "a.b C"), ("0x10", "a.b C"), ("ON", "a.b C"), ("", "a.b C"), (" ", "a.b"), ("1 2", "a.b C"),
      ("{}", "a.b json=x"), ("{\"x\":null}", "a.b json=x"), ("{\"x\":[1]}", "a.b json=x"),
      ("[1]", "a.b json=x"),
      ("{\"x\":1", "a.b json=x"), ("{\"x\":1e300}", "a.b C json=x"), ("{\"x\":1}", "a.b json=x.y"),
      ("{\"x\":\"a\\nb\"}", "a.b json=x"), ("1\u{0}2", "a.b"),
    ])
  func refused(payload: String, line: String) throws { #expect(try value(payload, line) == nil) }

  @Test("payloads that are too long or too deep, or not UTF-8, are refused")
  func hostile() throws {
    #expect(try value(String(repeating: "1", count: 256), "a.b") != nil)
    #expect(try value(String(repeating: "1", count: 257), "a.b") == nil)
    let deep = String(repeating: "{\"x\":", count: 100_000)
    for text in [deep, deep + "1" + String(repeating: "}", count: 100_000)] {
      #expect(try value(text, "a.b json=x") == nil)
    }
    let nested = String(repeating: "{\"x\":", count: 17) + "1" + String(repeating: "}", count: 17)
    #expect(try value(nested, "a.b json=x.x.x.x") == nil)
    let line = try line("a.b")
    #expect(throws: ImportPayload.Refusal.self) { try ImportPayload.value(of: [0xff], by: line) }
    let padded = "{\"x\":1}" + String(repeating: " ", count: 4096)
    #expect(try value(padded, "a.b json=x") == nil)
  }

  @Test("the latest value is said, at once and then at most every 50 ms; a retained one never")
  func pace() throws {
    var table = ImportTable([try line("a.b C")])
    table.take("t", Array("9".utf8), isRetained: true, at: 0)
    table.take("other", Array("9".utf8), isRetained: false, at: 0)
    #expect(table.due(at: 0) == [] && table.next == nil)
    table.take("t", Array("1".utf8), isRetained: false, at: 0)
    #expect(table.due(at: 0).map(\.value.text) == ["1C"])
    for number in 2...9 { table.take("t", Array("\(number)".utf8), isRetained: false, at: Self.millisecond) }
    #expect(table.due(at: 49 * Self.millisecond) == [])
    #expect(table.next == 50 * Self.millisecond)
    #expect(table.due(at: 50 * Self.millisecond).map(\.value.text) == ["9C"])
  }

  @Test("what the daemon did not take is tried again, for what is left of its time")
  func retry() throws {
    var table = ImportTable([try line("a.b C expire=3s")])
    table.take("t", Array("1".utf8), isRetained: false, at: 0)
    let first = try #require(table.due(at: 0).first)
    #expect(first.forUsec == 3_000_000)
    table.failed(first, at: 0)
    #expect(table.due(at: 999 * Self.millisecond) == [])
    let second = try #require(table.due(at: 1000 * Self.millisecond).first)
    #expect(second.value.text == "1C" && second.forUsec == 2_000_000)
    table.failed(second, at: 2500 * Self.millisecond)
    #expect(table.due(at: 3500 * Self.millisecond) == [])
  }

  @Test("that a topic has no values is told once until it has")
  func told() throws {
    var table = ImportTable([try line("a.b C")])
    var now: Int64 = 0
    func say(_ text: String) -> Int {
      now += 100 * Self.millisecond
      table.take("t", Array(text.utf8), isRetained: false, at: now)
      _ = table.due(at: now)
      return table.takeMessages().count
    }
    #expect(["x", "y", "1", "2", "z"].map(say) == [1, 0, 1, 0, 1])
  }
}
