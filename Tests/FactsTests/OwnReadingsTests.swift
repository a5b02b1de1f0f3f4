// SPDX-License-Identifier: Apache-2.0

import Facts
import Heartbeat
import Testing

@Suite("What this host says")
struct OwnReadingsTests {
  private static let second: Int64 = 1_000_000_000

  private func reading(_ key: String, _ value: String, isDrill: Bool = false) throws -> Reading {
    try OwnReadings.reading(key, value, isDrill: isDrill)
  }

  private func key(_ text: String) throws -> ReadingKey { try #require(ReadingKey(text)) }

  private func value(_ text: String) throws -> ReadingValue { try #require(ReadingValue(text)) }

  private func said(_ own: OwnReadings) -> [String] { own.readings.map { "\($0.id.word)=\($0.value)" } }

  private func hasEnded(_ own: inout OwnReadings, at time: Int64) -> Bool { own.expire(at: time) }

  @Test("what was set stands in the place of a file, until it is unset")
  func precedence() throws {
    var own = OwnReadings()
    own.setFiles([try key("ups.status"): try value("OL"), try key("temp.in"): try value("20C")])
    try own.set([try reading("ups.status", "OB"), try reading("a.b", "1")], for: nil, at: 0)
    #expect(said(own) == ["a.b=1", "temp.in=20C", "ups.status=OB"])
    let unknown = own.unset([Reading.ID(try key("ups.status")), Reading.ID(try key("temp.in"))])
    #expect(unknown.map(\.word) == ["temp.in"])
    #expect(said(own) == ["a.b=1", "temp.in=20C", "ups.status=OL"])
  }

  @Test("what was set for a time is then what a file says, or unknown; a drill is over")
  func expiry() throws {
    var own = OwnReadings()
    own.setFiles([try key("ups.status"): try value("OL")])
    try own.set([try reading("ups.status", "OB"), try reading("a.b", "1")], for: Self.second, at: 10)
    try own.set([try reading("a.b", "7", isDrill: true)], for: 2 * Self.second, at: 10)
    #expect(own.nextExpiry == 10 + Self.second)
    #expect(!hasEnded(&own, at: 9 + Self.second))
    #expect(said(own) == ["a.b=1", "test.a.b=7", "ups.status=OB"])
    #expect(hasEnded(&own, at: 10 + Self.second))
    #expect(said(own) == ["a.b=?", "test.a.b=7", "ups.status=OL"])
    #expect(own.nextExpiry == 10 + 2 * Self.second)
    #expect(hasEnded(&own, at: 10 + 2 * Self.second))
    #expect(said(own) == ["a.b=?", "ups.status=OL"])
    #expect(own.nextExpiry == nil)
    #expect(!hasEnded(&own, at: .max))
    // Said again it is known again.
    try own.set([try reading("a.b", "2")], for: .max, at: 20 * Self.second)
    #expect(said(own) == ["a.b=2", "ups.status=OL"])
    #expect(own.nextExpiry == nil)
  }

  @Test("a host says 64 readings at most; with those beyond none is set")
  func most() throws {
    var own = OwnReadings()
    own.setFiles([try key("f.f"): try value("1")])
    let many = try (0..<63).map { try reading("k.\($0)", "1") }
    try own.set(many, for: nil, at: 0)
    let before = own.readings
    #expect(throws: OwnReadings.Refusal.tooMany) {
      try own.set([try reading("k.0", "2"), try reading("x.x", "2")], for: nil, at: 0)
    }
    #expect(own.readings == before)
    // One that is there can be changed.
    try own.set([try reading("k.0", "2")], for: nil, at: 0)
    #expect(own.readings.count == 64)
  }

  @Test("what cannot be sent is refused, each for its reason")
  func refusals() throws {
    #expect(throws: OwnReadings.Refusal.key("UPS")) { try reading("UPS", "1") }
    #expect(throws: OwnReadings.Refusal.key("test.a.b")) { try reading("test.a.b", "1") }
    #expect(throws: OwnReadings.Refusal.value(key: "a.b")) { try reading("a.b", "") }
    #expect(throws: OwnReadings.Refusal.value(key: "a.b")) { try reading("a.b", "Büro") }
    let long = "a." + String(repeating: "b", count: 26)
    #expect(try reading(long, "1").id.key.text == long)
    #expect(throws: OwnReadings.Refusal.longDrill(try key(long))) { try reading(long, "1", isDrill: true) }
  }

  @Test("nothing but numbers of files is noise")
  func noise() throws {
    var own = OwnReadings()
    own.setFiles([try key("t.a"): try value("20C"), try key("u.b"): try value("OL")])
    var before = own.readings
    own.setFiles([try key("t.a"): try value("21C"), try key("u.b"): try value("OL")])
    #expect(own.isNoise(since: before))
    before = own.readings
    own.setFiles([try key("t.a"): try value("22C"), try key("u.b"): try value("OB")])
    #expect(!own.isNoise(since: before))
    before = own.readings
    own.setFiles([try key("t.a"): .unknown, try key("u.b"): try value("OB")])
    #expect(!own.isNoise(since: before))
    before = own.readings
    try own.set([try reading("n.c", "1")], for: nil, at: 0)
    #expect(!own.isNoise(since: before))
    before = own.readings
    try own.set([try reading("n.c", "2")], for: nil, at: 0)
    #expect(!own.isNoise(since: before))
  }
}
