// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Heartbeat
@testable import Liveness
@testable import Platform

/// A sender that numbers its heartbeats and says its interval, and a table that hears it.
private struct Pair {
  var playback = Playback()
  var run: UInt64 = 1000
  var every = second
  /// Of the last beat.
  var (number, time): (UInt64, Int64) = (0, second)

  init() { for _ in 0..<2 { hear() } }

  var tolerance: Tolerance {
    playback.table.roster.peers.first?.tolerance ?? Tolerance()
  }

  /// The next beat, after so many that are lost.
  ///
  /// - Parameters:
  ///   - paused: Beats that it does not send before this one.
  ///   - delay: Nanoseconds that it is late.
  mutating func hear(lost: Int = 0, paused: Int = 0, delay: Int64 = 0, isGoodbye: Bool = false) {
    number += UInt64(lost + 1)
    time += Int64(lost + paused + 1) * every
    var said = Announcement()
    (said.host, said.run, said.sequence, said.every) = ("ups1", run, number, every)
    said.isGoodbye = isGoodbye
    let beat = HeartbeatArrival(
      arrival: time + delay, payload: time / 1000, wallClock: time / 1000, port: 5001, said: said)
    playback.play([(1, beat)], until: time + delay)
  }

  mutating func hear(times: Int) { for _ in 0..<times { hear() } }

  /// Runs of losses, the shortest first.
  var runs: [Patience.Explanation.Runs] { tolerance.losses.runCounts }
}

@Suite("How many beats may be missing")
struct ToleranceTests {
  @Test("what a peer lost is known by its numbers, and a beat that is too late counts as missing")
  func losses() {
    var pair = Pair()
    pair.hear(times: 18)
    #expect(pair.tolerance.losses.knownBeats == 18 && pair.runs.isEmpty && pair.tolerance.patience.beats == 5)
    pair.hear(lost: 1)
    #expect(pair.runs == [.init(lengths: 1...1, count: 1)] && pair.tolerance.patience.beats > 10)
    pair.hear(lost: 2)
    pair.hear(times: 10)
    #expect(pair.runs.map(\.lengths) == [1...1, 2...2])
    // Its beat was on the way for longer than the margin: as if it had been lost.
    pair.hear(delay: pair.tolerance.margin(second))
    #expect(pair.runs.first?.count == 2)
  }

  @Test("a beat that was overtaken by the next one is one that is missing")
  func overtaken() {
    var pair = Pair()
    pair.hear(times: 20)
    // In its place the next one comes, and after half an interval the one itself.
    pair.hear(lost: 1, delay: -second / 2)
    #expect(pair.runs == [.init(lengths: 1...1, count: 1)])
  }

  @Test("neither goodbyes nor restarts nor an outage of more than fifteen beats is a loss")
  func noLoss() {
    var pair = Pair()
    pair.hear(times: 20)
    pair.hear(lost: 2, isGoodbye: true)
    pair.hear(paused: 2)
    pair.hear(times: 5)
    pair.run += 1
    pair.number = 0
    pair.hear(lost: 3)
    pair.hear(times: 5)
    pair.hear(lost: 16)
    pair.hear(times: 5)
    #expect(pair.runs.isEmpty && pair.tolerance.patience.beats == 5)
    #expect(pair.playback.silent.count == 1)
  }

  @Test("a peer that was silent in error has more patience from then on, one that had stopped has not")
  func silentInError() {
    var stopped = Pair()
    stopped.hear(times: 20)
    stopped.hear(paused: 7)
    stopped.hear(times: 2)
    #expect(stopped.playback.silent.count == 1 && stopped.playback.back.count == 1)
    #expect(stopped.runs.isEmpty && stopped.tolerance.patience.beats == 5)
    var lost = Pair()
    lost.hear(times: 20)
    lost.hear(lost: 7)
    lost.hear(times: 2)
    #expect(lost.playback.silent.count == 1 && lost.playback.back.count == 1)
    #expect(lost.runs == [.init(lengths: 7...10, count: 1)] && lost.tolerance.patience.beats == 15)
  }

  @Test("a silence of a sender without numbers tells nothing of the network, and a shorter gap does")
  func withoutNumbers() {
    let sender = SimulatedSender(id: 1)
    var playback = Playback()
    func runs() -> [Patience.Explanation.Runs] { playback.table.roster.peers[0].tolerance.losses.runCounts }
    playback.play(sender.beats(0..<20) + sender.beats(28..<50), until: 50 * second)
    #expect(playback.silent.count == 1 && runs().isEmpty)
    playback.play(sender.beats(53..<60), until: 60 * second)
    #expect(playback.silent.count == 1 && runs() == [.init(lengths: 3...3, count: 1)])
  }

  @Test("nothing is known of an interval that is not known")
  func unknownInterval() {
    let sender = SimulatedSender(id: 1, interval: 3 * second)
    var playback = Playback()
    playback.play(sender.beats(0..<3) + sender.beats(4..<8), until: 22 * second)
    #expect(playback.table.roster.peers[0].tolerance == Tolerance())
  }

  @Test("what this host could not hear is no loss of the peer's: drops, an outage, a network that is silent")
  func ours() {
    var pair = Pair()
    pair.hear(times: 20)
    let known = pair.tolerance
    pair.playback.table.noteKernelDrops(
      1, read: 9, from: pair.time, to: pair.time + 2 * second)
    pair.hear(lost: 2)
    pair.playback.table.noteOutage(from: pair.time, to: pair.time + 4 * second)
    pair.hear(lost: 3)
    #expect(pair.tolerance == known)
    pair.playback.table.suspend(.interfaceGone, since: pair.time)
    pair.playback.table.resume(.interfaceGone, at: pair.time + 5 * second)
    pair.hear(lost: 4)
    pair.playback.table.suspend(.networkSilent, since: pair.time)
    pair.hear(lost: 6)
    #expect(pair.tolerance == known && pair.playback.silent.isEmpty)
    pair.playback.table.suspend(.verdictsSuspended, since: pair.time)
    pair.hear(lost: 2)
    pair.playback.table.resume(.verdictsSuspended, at: pair.time + second / 2)
    pair.hear(lost: 2)
    #expect(pair.tolerance == known)
    pair.hear(lost: 2)
    #expect(pair.runs == [.init(lengths: 2...2, count: 1)])
  }

  @Test(
    "beats that were sent while this host was suspended are no loss, nor are more than there was time for")
  func suspended() {
    var pair = Pair()
    pair.hear(times: 20)
    // CLOCK_MONOTONIC stood still.
    pair.number += 40
    pair.hear()
    #expect(pair.runs.map(\.lengths) == [2...2])
  }

  @Test("a change of the interval is no loss")
  func otherInterval() {
    var pair = Pair()
    pair.hear(times: 20)
    pair.every = 4 * second
    pair.hear(times: 5)
    pair.every = second / 2
    pair.hear(times: 5)
    #expect(pair.runs.isEmpty && pair.tolerance.patience.beats == 5)
  }

  @Test("the margin follows from how unevenly beats arrive, whatever the sender's clock says")
  func jitter() {
    var pair = Pair()
    pair.hear(times: 20)
    #expect(pair.tolerance.margin(second) == 50 * millisecond)
    for number in 0..<200 { pair.hear(delay: number % 2 == 0 ? 0 : 20 * millisecond) }
    let margin = pair.tolerance.margin(second)
    #expect((195 * millisecond...200 * millisecond).contains(margin))
    // The sender's clock runs wild.
    for step in 0..<200 {
      pair.time += second
      pair.number += 1
      var said = Announcement()
      (said.run, said.sequence, said.every) = (pair.run, pair.number, second)
      let beat = HeartbeatArrival(
        arrival: pair.time, payload: Int64(step % 3) * 400_000 + pair.time / 1000, wallClock: 0, port: 5001,
        said: said)
      pair.playback.play([(1, beat)], until: pair.time)
    }
    #expect(pair.tolerance.margin(second) == 50 * millisecond && pair.runs.isEmpty)
  }

  @Test("extra beats do not make the margin larger")
  func extraBeats() {
    var jitter = ArrivalJitter()
    for _ in 0..<100 {
      jitter.note(gap: 300 * millisecond, interval: second)
      jitter.note(gap: 700 * millisecond, interval: second)
    }
    #expect(jitter.nanoseconds == 0)
    for _ in 0..<100 { jitter.note(gap: 2 * second + 10 * millisecond, interval: second) }
    #expect((9 * millisecond...10 * millisecond).contains(jitter.nanoseconds))
    for _ in 0..<100 { jitter.note(gap: .max, interval: 3600 * second) }
    #expect(jitter.isPlausible && jitter.nanoseconds <= 60 * second)
  }

  /// Half of what is measured: failures come at any time between two beats.
  @Test(
    "where little is lost a failure is found within 3.6 s in the median, and late is said before",
    arguments: [(1, 3050), (1000, 4050)])
  func detection(peers: Int, after: Int64) throws {
    var pair = Pair()
    pair.playback.table.allow(FalseAlarmRate.standard.perYear / Double(peers))
    pair.hear(times: 4999)
    pair.hear(lost: 1)
    pair.hear(times: 12_000)
    let last = pair.time
    pair.playback.wait(until: last + (after - 1000) * millisecond - 1)
    #expect(pair.playback.table.report(of: 1)?.state == .alive)
    pair.playback.wait(until: last + after * millisecond - 1)
    #expect(pair.playback.silent.isEmpty && pair.playback.table.report(of: 1)?.state == .late)
    pair.playback.wait(until: last + after * millisecond)
    let silent = try #require(pair.playback.silent.first)
    #expect(silent.time - last == after * millisecond)
    // To a multiple of 50 ms by the timer.
    #expect(silent.time - last - second / 2 + LivenessRule.wakeUpStep / 2 <= 3600 * millisecond)
  }
}

@Suite("False alarms that are allowed for each peer")
struct TableSharesTests {
  private func numbers(_ peers: PeerInterfaces, on interface: Int = 0) -> [Int] {
    (peers.tables[interface]?.roster.peers ?? []).map { Int($0.tolerance.patience.beats) }
  }

  private func empty() -> PeerInterfaces {
    var peers = PeerInterfaces(capacity: 100_000)
    _ = peers.number(of: "eth0")
    _ = peers.listen(on: [0], awaited: nil, now: 0)
    return peers
  }

  private func add(_ count: Int, to peers: inout PeerInterfaces, at start: Int64 = 1) {
    let present = peers.counts.total
    for number in present..<present + count {
      for time in start...start + 1 {
        let beat = HeartbeatArrival(arrival: time * second, payload: 0, wallClock: 0, port: 5001)
        peers.heard(
          beat, from: PeerID(address: .init(family: .ipv4, high: 0, low: UInt64(number)), interface: 0))
      }
    }
    peers.share(now: (start + 1) * second)
  }

  @Test("it is divided anew when there are an eighth more peers or a quarter fewer, and else it stays")
  func divisor() {
    var tables: [PeerTable<PeerID>?] = []
    var shares = TableShares(capacity: 100)
    #expect(shares.alarms == 1)
    var peers = empty()
    add(64, to: &peers)
    #expect(peers.shares.divisor == 64 && peers.shares.alarms == 1 / 64)
    add(8, to: &peers)
    #expect(peers.shares.divisor == 64)
    add(1, to: &peers)
    #expect(peers.shares.divisor == 73)
    _ = peers.forget { $0.id.subject.address?.low ?? 0 < 18 }
    peers.share(now: 5 * second)
    #expect(peers.shares.divisor == 73 && peers.counts.total == 55)
    _ = peers.forget { $0.id.subject.address?.low ?? 0 < 19 }
    peers.share(now: 5 * second)
    #expect(peers.shares.divisor == 54)
    _ = shares.divide(among: &tables, now: 0)
    #expect(shares.divisor == 1)
  }

  @Test("another rate has all peers reviewed, so many in each judgement, and none is lost")
  func rate() throws {
    var peers = empty()
    let sender = SimulatedSender(id: 0)
    var beats: [HeartbeatArrival] = []
    // A tenth is lost of all.
    for number in 0..<150 where number < 20 || number % 10 != 0 { beats.append(sender.beat(number)) }
    let count = LivenessRule.reviewsAtOnce + 300
    for beat in beats {
      for number in 0..<count {
        peers.heard(
          beat, from: PeerID(address: .init(family: .ipv4, high: 0, low: UInt64(number)), interface: 0))
      }
      if beat == beats.first || beat == beats.last { peers.share(now: beat.arrival) }
    }
    // They are late, so that the deadline is that of silence.
    let end = 149 * second + 3200 * millisecond
    for _ in 0..<2 { _ = peers.judge(at: end, now: end) }
    let before = numbers(peers)
    let highest = try #require(before.first)
    #expect(before.count == count && Set(before) == [highest] && highest > 10)
    peers.allow(try #require(FalseAlarmRate("100/h")), now: end)
    _ = peers.judge(at: end, now: end)
    #expect(numbers(peers).count { $0 < highest } == LivenessRule.reviewsAtOnce)
    _ = peers.judge(at: end, now: end)
    #expect(numbers(peers).allSatisfy { $0 < highest } && peers.counts.late == count)
    // Their deadlines come forward with it.
    #expect(peers.tables[0]?.roster.peers.allSatisfy { $0.armed <= $0.deadline } == true)
  }
}
