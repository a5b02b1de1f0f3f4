// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import TestSupport
import Testing

@testable import Heartbeat
@testable import Liveness

@Suite("Over a restart of ours")
struct PeerSnapshotTests {
  private let senders = (0..<4).map { SimulatedSender(id: $0, phase: Int64($0) * 100 * millisecond) }

  /// Three alive peers, the fourth silent, at 60 s.
  private func before() -> Playback {
    var playback = Playback()
    playback.play(senders[..<3].flatMap { $0.beats(0..<60) } + senders[3].beats(0..<30), until: 60 * second)
    return playback
  }

  private func restored(
    _ playback: Playback, at now: Int64, isGapless: Bool, capacity: Int = 4096
  ) throws -> Playback {
    let data = try JSONEncoder().encode(playback.table.snapshot(at: playback.now))
    let snapshot = try JSONDecoder().decode(PeerSnapshot<Int>.self, from: data)
    return Playback(
      resuming: PeerTable(restoring: snapshot, capacity: capacity, at: now, isGapless: isGapless), at: now)
  }

  @Test("no peer is reported, alive or silent, however long it took", arguments: [61, 65, 100, 5000])
  func quiet(end: Int) throws {
    var after = try restored(before(), at: Int64(end) * second, isGapless: false)
    #expect(after.table.counts == PeerCounts(alive: 3, late: 0, silent: 1, refused: 0))
    after.play(senders[..<3].flatMap { $0.beats((end + 1)..<(end + 20)) }, until: Int64(end + 20) * second)
    #expect(after.log.isEmpty)
    for sender in senders[..<3] {
      let report = try #require(after.table.report(of: sender.id))
      #expect(report.missed == 0)
      #expect(Int(report.missedHere) == end + 1 - 60)
      #expect(report.interval == second)
    }
    after.play(senders[3].beats((end + 20)..<(end + 22)), until: Int64(end + 22) * second)
    #expect(after.back.map(\.id) == [3])
    after.checkCounts()
  }

  @Test(
    "what was lost is known after a restart, and so is how many beats may be missing, and the last silence")
  func losses() throws {
    let sender = senders[1]
    var playback = Playback()
    playback.play(
      sender.beats(0..<30) + sender.beats(50..<80) + sender.beats(82..<100), until: 100 * second)
    let before = try #require(playback.table.report(of: 1))
    #expect(before.silentAfterBeats > 5 && before.lastSilence == 21 * second)
    #expect(before.lastSilenceBegan == 29 * second && before.lastSilenceState == .silent)
    let after = PeerTable(
      restoring: playback.table.snapshot(at: 100 * second), capacity: 16, at: 101 * second, isGapless: false)
    let report = try #require(after.report(of: 1))
    #expect(report.silentAfterBeats == before.silentAfterBeats && report.silentAfter == before.silentAfter)
    #expect(report.lastSilenceBegan == 29 * second)
    #expect(after.roster.peers.first?.tolerance == playback.table.roster.peers.first?.tolerance)
  }

  @Test("beats that waited in the kept socket leave no trace")
  func gapless() throws {
    var after = try restored(before(), at: 75 * second, isGapless: true)
    for (id, beat) in senders[..<3].flatMap({ $0.beats(60..<75) }).sorted(by: {
      $0.beat.arrival < $1.beat.arrival
    }) {
      after.table.heard(beat, from: id)
    }
    after.play(senders[..<3].flatMap { $0.beats(75..<90) }, until: 90 * second)
    #expect(after.log.isEmpty)
    for sender in senders[..<3] {
      let report = try #require(after.table.report(of: sender.id))
      #expect(report.missed == 0 && report.missedHere == 0 && report.beats == 90)
    }
  }

  @Test("what was lost or fell silent while beats waited in the kept socket is the peers' own")
  func gaplessLosses() throws {
    var after = try restored(before(), at: 75 * second, isGapless: true)
    let waiting = senders[0].beats(60..<70) + senders[0].beats(72..<75) + senders[1].beats(60..<75)
    for (id, beat) in waiting.sorted(by: { $0.beat.arrival < $1.beat.arrival }) {
      after.table.heard(beat, from: id)
    }
    after.judge(at: 75 * second)
    #expect(after.silent.map(\.id) == [2])
    let report = try #require(after.table.report(of: 0))
    #expect(report.missed == 2 && report.missedHere == 0)
  }

  @Test("a peer that died while we were away is silent five beats after we are back")
  func deadMeanwhile() throws {
    var after = try restored(before(), at: 100 * second, isGapless: false)
    after.play(senders[..<2].flatMap { $0.beats(101..<120) }, until: 119 * second)
    #expect(after.silent.map(\.id) == [2])
    let time = try #require(after.silent.first).time
    #expect(time >= 104 * second && time <= 106 * second)
  }

  @Test("a silent network is still silent, and is not reported twice")
  func networkSilent() throws {
    var playback = before()
    playback.wait(until: 100 * second)
    #expect(playback.networkSilent.count == 1)
    var after = try restored(playback, at: 110 * second, isGapless: false)
    after.wait(until: 200 * second)
    #expect(after.log.isEmpty)
    #expect(after.table.isNetworkSilent)
    after.play(senders[..<3].flatMap { $0.beats(200..<220) }, until: 219 * second)
    #expect(after.networkHeard.count == 1)
    #expect(after.silent.isEmpty && after.back.isEmpty && after.discovered.isEmpty)
    #expect(after.table.counts == PeerCounts(alive: 3, silent: 1))
  }

  @Test("a snapshot of another boot or a smaller table is taken as far as it goes")
  func otherBoot() throws {
    #expect(try restored(before(), at: 10 * second, isGapless: false).table.counts.total == 0)
    let small = try restored(before(), at: 70 * second, isGapless: false, capacity: 3)
    #expect(small.table.counts == PeerCounts(alive: 3, late: 0, silent: 0, refused: 0))
  }

  @Test("no stored number makes the table trap", arguments: 1...5)
  func hostile(seed: Int) throws {
    var random = SeededRandom(testSeed: UInt64(seed))
    let data = try JSONEncoder().encode(before().table.snapshot(at: 60 * second))
    let text = String(decoding: data, as: UTF8.self)
    for _ in 0..<300 {
      var mutated = ""
      var isDigits = false
      var replaces = false
      for character in text {
        if character.isNumber {
          if !isDigits {
            replaces = random.chance(0.02)
            if replaces {
              let choices: [Int64] = [.max, .min, -1, 0, 255, 4_294_967_295, 1 << 61, -(1 << 61)]
              mutated += "\(choices[random.below(8)])"
            }
          }
          isDigits = true
          if replaces { continue }
        } else {
          isDigits = false
        }
        mutated.append(character)
      }
      guard let snapshot = try? JSONDecoder().decode(PeerSnapshot<Int>.self, from: Data(mutated.utf8)) else {
        continue
      }
      var table = PeerTable(restoring: snapshot, capacity: 16, at: 70 * second, isGapless: random.chance(0.5))
      for (id, beat) in senders.flatMap({ $0.beats(70..<80) }) { table.heard(beat, from: id) }
      table.judge(at: 200 * second)
      _ = table.nextDeadline
    }
  }
}
