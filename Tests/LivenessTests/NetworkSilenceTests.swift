// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Heartbeat
@testable import Liveness

@Suite("Them or us")
struct NetworkSilenceTests {
  private func senders(_ count: Int) -> [SimulatedSender] {
    (0..<count).map { SimulatedSender(id: $0, phase: Int64($0) * second / Int64(count)) }
  }

  @Test(
    "peers that stop within two intervals of one another are one event, and none of them is called silent",
    arguments: 2...20)
  func everybody(count: Int) throws {
    var playback = Playback()
    playback.play(senders(count).flatMap { $0.beats(0..<20) }, until: 600 * second)
    #expect(playback.silent.isEmpty)
    #expect(playback.networkSilent.map(\.peers) == [count])
    let time = try #require(playback.networkSilent.first).time
    #expect(time >= 24 * second && time <= 26 * second)
    #expect(playback.table.isNetworkSilent)
    #expect(playback.table.nextDeadline == nil)
  }

  @Test("when the network is back, all that are heard are well without a word")
  func recovery() {
    var playback = Playback()
    playback.play(senders(10).flatMap { $0.beats(0..<20) + $0.beats(80..<100) }, until: 99 * second)
    #expect(playback.silent.isEmpty)
    #expect(playback.back.isEmpty)
    #expect(playback.networkSilent.count == 1)
    #expect(playback.networkHeard.count == 1)
    #expect(!playback.table.isNetworkSilent)
    #expect(playback.table.counts.alive == 10)
  }

  @Test("once one is heard, the others are given all their time again, and are then judged one by one")
  func grace() {
    var playback = Playback()
    let all = senders(5)
    playback.play(all.flatMap { $0.beats(0..<20) } + all[2].beats(80..<100), until: 99 * second)
    #expect(playback.networkSilent.count == 1)
    #expect(Set(playback.silent.map(\.id)) == [0, 1, 3, 4])
    for (time, _) in playback.silent { #expect(time >= 85 * second && time <= 89 * second) }
  }

  @Test("a slow peer among those that stopped gives the others no time besides their own")
  func slowAmongThem() throws {
    var playback = Playback()
    let slow = SimulatedSender(id: 99, interval: 60 * second)
    let all = senders(3)
    // The slow one's beat at 540 s was lost; the others stop at 590 s, and two are back at 600 s.
    playback.play(
      slow.beats(0..<9) + all.flatMap { $0.beats(0..<590) } + all[1...].flatMap { $0.beats(600..<700) },
      until: 700 * second)
    #expect(playback.networkSilent.map(\.peers) == [4])
    #expect(playback.silent.map(\.id) == [0])
    let time = try #require(playback.silent.first).time
    #expect(time >= 605 * second && time <= 606 * second)
  }

  @Test("a single peer that stops is silent, and the network is not")
  func single() {
    var playback = Playback()
    playback.play(senders(1).flatMap { $0.beats(0..<20) }, until: 60 * second)
    #expect(playback.silent.map(\.id) == [0])
    #expect(playback.networkSilent.isEmpty)
  }

  @Test("two peers that stop one long after the other are two events")
  func oneAfterTheOther() {
    var playback = Playback()
    let all = senders(2)
    playback.play(all[0].beats(0..<20) + all[1].beats(0..<23), until: 60 * second)
    #expect(playback.silent.map(\.id) == [0, 1])
    #expect(playback.networkSilent.isEmpty)
  }

  @Test("as long as one peer is heard, those that stop together are silent each")
  func oneLeft() {
    var playback = Playback()
    let all = senders(5)
    playback.play(all.flatMap { $0.beats(0..<($0.id == 3 ? 40 : 20)) }, until: 39 * second)
    #expect(Set(playback.silent.map(\.id)) == [0, 1, 2, 4])
    #expect(playback.networkSilent.isEmpty)
  }

  @Test("peers that were silent before are no part of it, and one of them ends it when it is heard")
  func longSilent() {
    var playback = Playback()
    let all = senders(4)
    playback.play(
      all[0].beats(0..<5) + all[1...].flatMap { $0.beats(0..<20) } + all[0].beats(50..<60), until: 59 * second
    )
    #expect(playback.networkSilent.map(\.peers) == [3])
    #expect(playback.networkHeard.count == 1)
    #expect(playback.back.map(\.id) == [0])
    #expect(Set(playback.silent.map(\.id)) == [0, 1, 2, 3])
  }

  @Test("one that sends once an hour does not keep the others from being believed")
  func hourly() {
    var playback = Playback()
    let hourly = SimulatedSender(id: 99, interval: 3600 * second)
    let start = 8 * 3600
    playback.play(
      hourly.beats(0..<9) + senders(6).flatMap { $0.beats((start + 2)..<(start + 100)) },
      until: Int64(start + 200) * second)
    #expect(playback.networkSilent.map(\.peers) == [6])
    #expect(playback.silent.isEmpty)
  }

  @Test("one that is late for another reason does not keep the others from being believed")
  func lateBefore() {
    var playback = Playback()
    let slow = SimulatedSender(id: 99, interval: 10 * second)
    playback.play(
      slow.beats(0..<20) + senders(3).flatMap { $0.beats(0..<220) }, until: 400 * second)
    #expect(playback.networkSilent.map(\.peers) == [3])
    #expect(playback.silent.isEmpty)
  }

  @Test("a judgement that comes late finds the same")
  func lateJudgement() {
    var table = PeerTable<Int>(capacity: 16)
    let all = senders(4)
    for (id, beat) in (all[0].beats(0..<5) + all[1...].flatMap { $0.beats(0..<20) })
      .sorted(by: { $0.beat.arrival < $1.beat.arrival })
    {
      table.heard(beat, from: id)
    }
    var silent: [Int] = []
    var network: [Int] = []
    table.judge(at: 500 * second)
    for event in table.takeEvents() {
      if case .silent(let report) = event { silent.append(report.id) }
      if case .networkSilent(let peers, _, _) = event { network.append(peers) }
    }
    #expect(silent == [0])
    #expect(network == [3])
  }

  @Test("what the kernel dropped is no peer's fault")
  func kernelDrops() throws {
    var playback = Playback()
    let all = senders(3)
    playback.play(all.flatMap { $0.beats(0..<20) }, until: 20 * second)
    // Stopped for a minute: the socket was full after a second, and 59 seconds were dropped.
    playback.table.noteKernelDrops(59_000, read: 1000, from: 20 * second, to: 80 * second)
    playback.judge(at: 80 * second)
    playback.play(all.flatMap { $0.beats(80..<90) }, until: 90 * second)
    #expect(playback.silent.isEmpty)
    #expect(playback.networkSilent.isEmpty)
    for sender in all {
      let report = try #require(playback.table.report(of: sender.id))
      #expect(report.missed == 0)
      #expect(report.missedHere == 60)
    }
  }

  @Test("a peer that died amid drops is silent as late as the share that was dropped makes it")
  func deathAmidDrops() throws {
    var playback = Playback()
    let all = senders(2)
    playback.play(all.flatMap { $0.beats(0..<20) }, until: 20 * second)
    for time in Int64(20)..<60 {
      playback.table.noteKernelDrops(500, read: 500, from: time * second, to: (time + 1) * second)
      playback.play(all[0].beats(Int(time)..<Int(time + 1)), until: (time + 1) * second)
    }
    #expect(playback.silent.map(\.id) == [1])
    let time = try #require(playback.silent.first).time
    #expect(time >= 28 * second && time <= 33 * second)
  }
}
