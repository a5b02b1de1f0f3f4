// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Heartbeat
@testable import Liveness

@Suite("What cannot be judged is unknown")
struct ImpedimentTests {
  private let senders = (0..<3).map { SimulatedSender(id: $0, phase: Int64($0) * 300 * millisecond) }

  private func heard(until end: Int) -> Playback {
    var playback = Playback()
    playback.play(senders.flatMap { $0.beats(0..<end) }, until: Int64(end) * second)
    return playback
  }

  /// Lets time pass as the daemon does: it looks about once a second, impediment or not.
  private func look(_ playback: inout Playback, until end: Int64) {
    for time in stride(from: playback.now + second, through: end, by: Int(second)) {
      playback.judge(at: time)
    }
  }

  @Test(
    "whatever keeps us from judging, nobody is alive within eight seconds", arguments: Impediment.allCases)
  func eightSeconds(impediment: Impediment) {
    var playback = heard(until: 30)
    playback.table.suspend(impediment, since: playback.now)
    look(&playback, until: 38 * second)
    #expect(playback.table.counts == PeerCounts(unknown: 3))
    #expect(Set(playback.unknown.map(\.id)) == [0, 1, 2])
    #expect(playback.silent.isEmpty)
    #expect(playback.table.impediments == [impediment: 30 * second])
  }

  @Test("a peer of any pace is unknown then, also where its next beat is not due for hours")
  func slowPeers() {
    let hourly = SimulatedSender(id: 9, interval: 3600 * second)
    var playback = Playback()
    playback.play(hourly.beats(0..<10), until: hourly.due(9) + second)
    playback.table.suspend(.interfaceGone, since: playback.now)
    look(&playback, until: playback.now + 8 * second)
    #expect(playback.table.counts == PeerCounts(unknown: 1))
  }

  @Test(
    "afterwards no peer that is heard again is called silent, and one that is dead is silent five beats later"
  )
  func over() throws {
    var playback = heard(until: 30)
    playback.table.suspend(.noCarrier, since: playback.now)
    look(&playback, until: 100 * second)
    playback.table.resume(.noCarrier, at: 100 * second)
    playback.play(senders[..<2].flatMap { $0.beats(100..<120) }, until: 120 * second)
    #expect(playback.silent.map(\.id) == [2])
    let time = try #require(playback.silent.first).time
    #expect(time >= 103 * second && time <= 106 * second)
    #expect(playback.table.counts == PeerCounts(alive: 2, silent: 1))
    for sender in senders[..<2] {
      let report = try #require(playback.table.report(of: sender.id))
      #expect(report.missed == 0 && report.missedHere == 70)
    }
  }

  @Test("a moment is no news: an interface that is back within three seconds makes nobody unknown")
  func moment() {
    var playback = heard(until: 30)
    playback.table.suspend(.interfaceGone, since: playback.now)
    look(&playback, until: 32 * second)
    playback.table.resume(.interfaceGone, at: 32 * second)
    playback.play(senders.flatMap { $0.beats(32..<50) }, until: 49 * second)
    #expect(playback.unknown.isEmpty && playback.silent.isEmpty)
  }

  @Test(
    "whoever is heard is alive, whatever the impediment",
    arguments: [Impediment.verdictsSuspended, .noCarrier])
  func heardAllTheSame(impediment: Impediment) {
    var playback = heard(until: 30)
    playback.table.suspend(impediment, since: playback.now)
    for time in 30..<60 {
      playback.play(senders[0].beats(time..<(time + 1)), until: Int64(time + 1) * second)
      playback.judge(at: playback.now)
    }
    #expect(playback.table.counts == PeerCounts(alive: 1, unknown: 2))
    #expect(playback.unknown.map(\.id).contains(0) == false)
  }

  @Test("one impediment that ends leaves the others in force")
  func several() {
    var playback = heard(until: 30)
    playback.table.suspend(.noCarrier, since: 30 * second)
    playback.table.suspend(.verdictsSuspended, since: 31 * second)
    look(&playback, until: 60 * second)
    playback.table.resume(.noCarrier, at: 60 * second)
    look(&playback, until: 90 * second)
    #expect(playback.table.counts == PeerCounts(unknown: 3))
    playback.table.resume(.verdictsSuspended, at: 90 * second)
    // The clock stood still for both.
    playback.wait(until: 94 * second)
    #expect(playback.networkSilent.isEmpty)
    playback.wait(until: 100 * second)
    // Nobody comes back: now it is the network, and still not they.
    #expect(playback.networkSilent.map(\.peers) == [3])
    #expect(playback.silent.isEmpty)
  }

  @Test("a silent peer stays silent through an impediment")
  func silent() {
    var playback = Playback()
    playback.play(senders[0].beats(0..<15) + senders[1].beats(0..<30), until: 30 * second)
    #expect(playback.silent.map(\.id) == [0])
    playback.table.suspend(.interfaceGone, since: 30 * second)
    look(&playback, until: 60 * second)
    #expect(playback.table.counts == PeerCounts(silent: 1, unknown: 1))
  }

  @Test("a peer after which no other was heard is not called silent while our own heartbeats are doubtful")
  func doubt() {
    var playback = Playback()
    playback.play(senders[0].beats(0..<20), until: 20 * second)
    for time in 20..<40 {
      playback.table.judge(at: Int64(time) * second, hearsItself: false)
      #expect(playback.table.report(of: 0)?.state != .silent)
    }
    playback.judge(at: 41 * second)
    #expect(playback.silent.map(\.id) == [0])
  }

  @Test("a tenth of all datagrams dropped suspends verdicts at once, and five quiet seconds end it")
  func drops() {
    var share = DropShare(at: 0)
    #expect(share.note(dropped: 0, read: 1000, from: 0, to: second) == nil)
    #expect(share.note(dropped: 99, read: 901, from: second, to: 2 * second) == nil)
    #expect(share.note(dropped: 130, read: 870, from: 2 * second, to: 3 * second) == .suspended(share: 0.13))
    #expect(share.suspendedSince == 2 * second)
    for time in Int64(3)..<7 {
      #expect(share.note(dropped: 0, read: 10, from: time * second, to: (time + 1) * second) == nil)
    }
    #expect(share.note(dropped: 0, read: 0, from: 7 * second, to: 8 * second) == .resumed(after: 6 * second))
    #expect(share.suspendedSince == nil)
    #expect(share.note(dropped: -5, read: .max, from: 8 * second, to: 9 * second) == nil)
  }

  @Test(
    "drops of other traffic below the limit stretch the time that a dead peer is given by their share, no more"
  )
  func smallShare() throws {
    var playback = heard(until: 20)
    for time in Int64(20)..<40 {
      playback.table.noteKernelDrops(90, read: 910, from: time * second, to: (time + 1) * second)
      playback.play(senders[..<2].flatMap { $0.beats(Int(time)..<Int(time + 1)) }, until: (time + 1) * second)
    }
    #expect(playback.silent.map(\.id) == [2])
    let last = senders[2].due(19)
    let time = try #require(playback.silent.first).time
    #expect(time - last <= 8 * second)
  }

  @Test("a peer that comes back over an impediment is not expected as rarely as that lasted")
  func backOverAnImpediment() throws {
    var playback = heard(until: 30)
    playback.play(senders[1...].flatMap { $0.beats(30..<40) } + senders[0].beats(39..<40), until: 40 * second)
    #expect(playback.silent.map(\.id) == [0])
    playback.table.suspend(.interfaceGone, since: 40 * second)
    look(&playback, until: 300 * second)
    playback.table.resume(.interfaceGone, at: 300 * second)
    playback.play(senders.flatMap { $0.beats(300..<303) }, until: 302 * second + 900 * millisecond)
    #expect(playback.back.map(\.id) == [0])
    #expect(try #require(playback.table.report(of: 0)).interval <= 2 * second)
  }
}
