// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Liveness
import Platform
import Testing

@testable import Rules

struct JournalReplayTests {
  /// 2026-11-30 00:00:00 UTC, in nanoseconds.
  private let midnight: Int64 = 1_795_996_800_000_000_000

  private func record(
    _ words: String, at seconds: Double, proof: Proof? = .ok, recorder: String = "a"
  ) throws -> JournalReplay.Record {
    let received = midnight + Int64(seconds * 1_000_000_000)
    return JournalReplay.Record(
      payload: Array("ATU \(CivilTime(realtime: received, zone: .utc)) \(words)".utf8), received: received,
      source: Endpoint(try #require(IPAddress("10.0.0.5")), port: 5001), interface: "eth0", proof: proof,
      recorder: recorder)
  }

  /// Hosts that beat once a second, the phase of each its own, as the scenario of the documentation has it.
  ///
  /// - Parameter back: From 25 s on all clocks are back by so many seconds.
  private func outage(until end: Int, back: Int = 0) throws -> [JournalReplay.Record] {
    try (0..<end).flatMap { second in
      try (0..<5).compactMap { host in
        let isUPS = host < 3
        let name = isUPS ? "ups\(host + 1)" : "rack\(host - 2)"
        if name == "rack1", second >= 60 { return nil }
        let status = second >= 20 && host < 2 ? "\"OB DISCHRG\"" : "OL"
        let reading = isUPS ? "ups.status=\(status)" : "temp.inlet=22C"
        return try record(
          "host=\(name) run=1 seq=\(second + 1) every=1s state=\(second >= 20 ? 2 : 1) \(reading)",
          at: Double(second - (second >= 25 ? back : 0)) + Double(host) / 10)
      }
    }
  }

  /// What changes, in short, in seconds since midnight.
  private func replay(
    _ records: [JournalReplay.Record], _ rules: [Rule], own: String? = nil
  ) -> (told: [String], counts: JournalReplay.Counts) {
    var replay = JournalReplay(rules, own: own.flatMap { HostName($0) })
    var told: [String] = []
    for record in records {
      for transition in replay.take(record) {
        told.append("\(ScenarioTime.text(transition.time - midnight)) \(transition.to)")
      }
    }
    return (told, replay.counts)
  }

  @Test("a clock that is set forward by a century again and again ends nothing")
  func clockJumps() throws {
    let late = try record("host=a run=1 seq=1 every=1s", at: 0)
    let records = (0..<8).map { number in
      var record = late
      record.received = number.isMultiple(of: 2) ? 0 : 3_900_000_000_000_000_000
      return record
    }
    #expect(replay(records, [try rule(fansOff)]).counts.heartbeats == 8)
  }

  @Test("heartbeats of a journal bring about what they brought about")
  func example() throws {
    let (told, counts) = replay(try outage(until: 80), [try rule(fansOff)])
    // The second UPS is heard a tenth of a second after the first, and the first rack three.
    #expect(told == ["20.1s pending", "30.1s active", "64.301s releasing", "69.301s inactive"])
    #expect(counts.heartbeats == 5 * 80 - 20 && counts.checked == counts.heartbeats)
    #expect(counts.gaps == 0 && counts.outOfOrder == 0)
  }

  @Test("nothing counts whose proof the journal does not have, but for a rule that wants none")
  func unchecked() throws {
    let records = try outage(until: 40).map { record in
      var record = record
      record.proof = nil
      return record
    }
    #expect(replay(records, [try rule(fansOff)]).told == [])
    let (told, counts) = replay(records, [try rule(fansOff + "\nauthenticated=no")])
    #expect(told == ["20.1s pending", "30.1s active"])
    #expect(counts.checked == 0)
  }

  @Test("what this host said is its own, and conditions without hosts are of it")
  func own() throws {
    let hot = try rule("when=temp.inlet >= 30C\nfor=2s")
    let records = try (0..<10).map { second in
      try record(
        "host=db1 run=1 seq=\(second + 1) every=1s temp.inlet=\(second < 3 ? 22 : 31)C", at: Double(second))
    }
    #expect(replay(records, [hot]).told == [])
    let (told, counts) = replay(records, [hot], own: "db1")
    #expect(told == ["3s pending", "5s active"])
    #expect(counts.own == 10)
  }

  @Test("what is out of order, of another daemon or no heartbeat is counted, and a gap makes all unknown")
  func disorder() throws {
    var records = try outage(until: 40)
    records.swapAt(100, 101)
    records.insert(try record("host=ups3 run=1 seq=3 OB", at: 20), at: 103)
    records.insert(try record("host=ups3 ups.status=OB", at: 20, recorder: "b"), at: 103)
    records += try outage(until: 800).filter { $0.received >= midnight + 700_000_000_000 }
    let (told, counts) = replay(records, [try rule(fansOff)])
    #expect(told.prefix(2) == ["20.1s pending", "30.1s active"])
    // The first UPS was heard last at 39 s: from then on two of three may be on line power.
    #expect(told.dropFirst(2) == ["44.001s releasing", "49.001s inactive"])
    #expect(counts.outOfOrder == 1 && counts.otherRecorders == 1 && counts.noHeartbeats == 1)
    #expect(counts.gaps == 1 && counts.gapBegan == midnight + 39_400_000_000)
    #expect(counts.longestGap == 660_600_000_000)
  }

  @Test("what was recorded, or is not of now by the clock, does not count")
  func late() throws {
    let records = try outage(until: 40).map { record in
      var record = record
      if record.received >= midnight + 22_000_000_000 { record.received += 30_000_000_000 }
      return record
    }
    #expect(replay(records, [try rule(fansOff)]).told == ["20.1s pending", "26.001s inactive"])
  }

  @Test("clocks that are set back by an hour stop nothing")
  func clock() throws {
    let records = try outage(until: 40, back: 3600)
    let (told, counts) = replay(records, [try rule(fansOff)])
    #expect(told.first == "20.1s pending" && told.count == 2)
    #expect(counts.clockSteps == 1 && counts.outOfOrder == 0)
  }

  @Test("times that are none are no heartbeats", arguments: [Int64.min, -1, .max])
  func times(_ received: Int64) throws {
    var broken = try record("host=a", at: 0)
    broken.received = received
    let (told, counts) = replay([broken, try record("host=a", at: 0)], [try rule(fansOff)])
    #expect(told == [] && counts.noHeartbeats == 1 && counts.heartbeats == 1)
  }
}
