// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Heartbeat
@testable import Liveness

@Suite("The rules for one peer")
struct PeerRuleTests {
  private let sender = SimulatedSender(id: 1, phase: 1)

  @Test("a source is a peer from its second beat on")
  func discovery() {
    var playback = Playback()
    playback.play(sender.beats(0..<1), until: second / 2)
    #expect(playback.table.report(of: 1) == nil)
    playback.play(sender.beats(1..<2), until: second + 1)
    #expect(playback.table.report(of: 1)?.state == .alive)
    #expect(playback.discovered.map(\.id) == [1])
  }

  @Test(
    "a peer that missed five beats is silent, by its own pace",
    arguments: [10 * millisecond, 100 * millisecond, second, 10 * second, 3600 * second])
  func silence(interval: Int64) throws {
    var sender = sender
    sender.interval = interval
    var playback = Playback()
    // Eight seconds are what it takes to know a short one.
    let last = max(19, Int(8 * second / interval))
    playback.play(sender.beats(0..<(last + 1)), until: sender.due(last) + 3 * interval)
    #expect(playback.table.report(of: 1)?.state == .alive)
    playback.wait(until: sender.due(last) + 3 * interval + max(interval, 60 * millisecond))
    #expect(playback.table.report(of: 1)?.state == .late)
    #expect(playback.silent.isEmpty)
    playback.wait(until: sender.due(last) + 20 * interval)
    #expect(playback.silent.count == 1)
    let after = try #require(playback.silent.first).time - sender.due(last)
    #expect(after >= 5 * interval && after <= 6 * interval + 100 * millisecond)
    let report = try #require(playback.table.report(of: 1))
    #expect(report.state == .silent)
    #expect(report.stateSince == report.lastHeard)
    #expect(report.interval == max(10 * millisecond, interval))
    #expect(report.missed == 0)
  }

  @Test("a late peer is alive on its next beat, without an event")
  func late() {
    var playback = Playback()
    playback.play(sender.beats(0..<20) + sender.beats(23..<30), until: sender.due(29))
    #expect(playback.log.count == 1)
    #expect(playback.table.report(of: 1)?.state == .alive)
    #expect(playback.table.report(of: 1)?.missed == 3)
  }

  @Test("a silent peer is alive again after two beats, not one")
  func back() throws {
    var playback = Playback()
    playback.play(sender.beats(0..<20) + sender.beats(40..<41), until: sender.due(41) - 1)
    #expect(playback.table.report(of: 1)?.state == .silent)
    #expect(playback.back.isEmpty)
    playback.play(sender.beats(41..<60), until: sender.due(60))
    #expect(playback.back.map(\.id) == [1])
    #expect(playback.silent.count == 1)
    let report = try #require(playback.table.report(of: 1))
    #expect(report.state == .alive)
    #expect(report.lastSilence == 21 * second)
    #expect(report.missed == 20)
  }

  @Test("a peer is forgotten a day after its last beat, and is new when it comes back")
  func forgotten() {
    var playback = Playback()
    let day = 86_400
    playback.play(sender.beats(0..<20), until: sender.due(day))
    #expect(playback.forgotten.isEmpty)
    playback.wait(until: sender.due(day + 20))
    #expect(playback.forgotten == [1])
    #expect(playback.table.report(of: 1) == nil)
    #expect(playback.table.counts.total == 0)
    #expect(playback.table.nextDeadline == nil)
    playback.play(sender.beats((day + 30)..<(day + 32)), until: sender.due(day + 33))
    #expect(playback.discovered.count == 2)
    playback.checkCounts()
  }

  @Test("a sender that becomes a hundred times slower is called silent once, not at each beat")
  func slower() {
    var slow = sender
    slow.interval = 10 * second
    var fast = sender
    fast.interval = 100 * millisecond
    var playback = Playback()
    playback.play(fast.beats(0..<100) + slow.beats(2..<40), until: slow.due(40))
    #expect(playback.silent.count == 1)
    #expect(playback.back.count == 1)
    #expect(playback.table.report(of: 1)?.interval == 10 * second)
  }

  @Test("a sender that becomes a hundred times faster is judged by its new pace when it was silent once")
  func faster() {
    var slow = sender
    slow.interval = 10 * second
    var fast = sender
    fast.interval = 100 * millisecond
    var playback = Playback()
    playback.play(slow.beats(0..<11) + fast.beats(1001..<5000), until: fast.due(4999) + 49 * second)
    #expect(playback.silent.isEmpty)
    playback.play(fast.beats(5600..<5700), until: fast.due(5699))
    #expect(playback.silent.count == 1 && playback.back.count == 1)
    #expect(playback.table.report(of: 1)?.interval == 100 * millisecond)
    playback.wait(until: fast.due(5699) + second)
    #expect(playback.silent.count == 2)
  }

  @Test("a sender that was started twice at once is not judged by the gap between")
  func twoStarts() {
    var playback = Playback()
    let again = SimulatedSender(id: 1, phase: 150 * millisecond)
    playback.play(sender.beats(0..<1) + again.beats(0..<20), until: again.due(20))
    #expect(playback.silent.isEmpty)
  }

  @Test("two or three senders at one address are one peer, noted, and none is called silent or missed")
  func severalSenders() throws {
    for phases in [[0, 100], [0, 50, 100]] {
      var playback = Playback()
      var beats: [(id: Int, beat: HeartbeatArrival)] = []
      for (number, phase) in phases.enumerated() {
        let port = UInt16(40_000 + number)
        let sender = SimulatedSender(id: 1, phase: Int64(phase) * millisecond, port: port)
        beats += sender.beats(0..<100)
      }
      playback.play(beats, until: 100 * second)
      #expect(playback.silent.isEmpty)
      let report = try #require(playback.table.report(of: 1))
      #expect(report.otherPort != nil && report.otherPort != report.port)
      #expect(report.missed < 10)
      playback.wait(until: 110 * second)
      #expect(playback.silent.count == 1)
    }
  }

  @Test("a stall of the daemon makes no peer silent: beats that waited are given before any is judged")
  func stall() {
    var table = PeerTable<Int>(capacity: 16)
    for (id, beat) in sender.beats(0..<600) { table.heard(beat, from: id) }
    table.judge(at: sender.due(600))
    let events = table.takeEvents()
    #expect(events.count == 1)
    #expect(table.report(of: 1)?.state == .alive)
  }

  @Test("where all is well no deadline comes before the next look at the peers")
  func noDeadline() {
    let senders = (0..<50).map { SimulatedSender(id: $0, phase: Int64($0) * 20 * millisecond) }
    var table = PeerTable<Int>(capacity: 64)
    for number in 0..<20 {
      for sender in senders { table.heard(sender.beat(number), from: sender.id) }
      let now = Int64(number + 1) * second
      table.judge(at: now)
      #expect(table.nextDeadline ?? .max > now + 1500 * millisecond)
    }
  }

  @Test("of a slow peer that is back, what was listened to in a gap with an outage of ours shows its pace")
  func slowAndOutage() {
    var playback = Playback()
    let slow = SimulatedSender(id: 1, interval: 60 * second)
    // It was started anew between its first two beats, 6 s apart, and seems quick.
    let first = [60, 66].map { (id: 1, beat: slow.beat(sentAt: $0 * second)) }
    playback.play(first, until: 110 * second)
    #expect(playback.silent.count == 1)
    for end: Int64 in [126, 186] {
      playback.table.noteOutage(from: (end - 10) * second, to: (end - 5) * second)
      playback.play([(1, slow.beat(sentAt: end * second))], until: end * second)
    }
    #expect(playback.back.count == 1)
    playback.wait(until: 300 * second)
    #expect(playback.silent.count == 1)
    playback.wait(until: 600 * second)
    #expect(playback.silent.count == 2)
  }
}
