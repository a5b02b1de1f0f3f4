// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Heartbeat
@testable import Liveness

@Suite("Bounds against forgery")
struct PeerBoundTests {
  private func random(_ beat: Int64, port: UInt16 = 1) -> HeartbeatArrival {
    HeartbeatArrival(arrival: beat, payload: beat / 1000, wallClock: beat / 1000, port: port)
  }

  @Test("50,000 forged sources a second are no peers, and real ones are judged and admitted as before")
  func flood() {
    var random = SeededRandom(testSeed: 1)
    var playback = Playback(capacity: 64)
    let real = (0..<3).map { SimulatedSender(id: $0, phase: Int64($0) * 100 * millisecond) }
    let newcomer = SimulatedSender(id: 3, phase: 300 * millisecond)
    playback.play(real.flatMap { $0.beats(0..<10) }, until: 10 * second)
    var beats = real[..<2].flatMap { $0.beats(10..<20) } + real[2].beats(10..<12) + newcomer.beats(10..<20)
    for number in 0..<250_000 {
      let arrival = 10 * second + Int64(number) * 20_000
      beats.append((1000 + Int(random.next() >> 12), self.random(arrival)))
    }
    playback.play(beats, until: 20 * second)
    #expect(playback.silent.map(\.id) == [2])
    #expect(playback.table.report(of: 0)?.state == .alive)
    #expect(playback.table.report(of: 1)?.state == .alive)
    #expect(playback.table.report(of: 3)?.state == .alive)
    #expect(playback.table.counts.total == 4)
  }

  @Test(
    "when the table is full newcomers give way first, a silent one before others, and established ones stay")
  func full() {
    var playback = Playback(capacity: 4)
    let old = (0..<3).map { SimulatedSender(id: $0, phase: Int64($0) * 100 * millisecond) }
    playback.play(old[0].beats(0..<60) + old[1].beats(0..<20) + old[2].beats(0..<60), until: 60 * second)
    #expect(playback.silent.map(\.id) == [1])
    // Sources of three beats each, one after the other: one place is left for them.
    let forged = (10..<40).map {
      SimulatedSender(
        id: $0, interval: 20 * millisecond, phase: 60 * second + Int64($0 - 10) * 300 * millisecond)
    }
    playback.play(
      (old[0].beats(60..<70) + old[2].beats(60..<70)) + forged.flatMap { $0.beats(0..<3) }, until: 70 * second
    )
    #expect(playback.evicted.allSatisfy { $0 >= 10 } && playback.evicted.count >= 4)
    #expect(playback.silent.map(\.id) == [1])
    #expect(playback.table.report(of: 1)?.state == .silent)
    #expect(playback.table.counts.total == 4)
    playback.checkCounts()
  }

  @Test("among established peers the silent one that was heard for the shortest time goes, and that is told")
  func fullOfEstablished() {
    var playback = Playback(capacity: 4)
    let old = (0..<4).map { SimulatedSender(id: $0, phase: Int64($0) * 100 * millisecond) }
    playback.play(
      old[0].beats(0..<60) + old[1].beats(0..<15) + old[2].beats(0..<40) + old[3].beats(0..<60),
      until: 60 * second)
    #expect(playback.silent.map(\.id) == [1, 2])
    let new = (10..<14).map { SimulatedSender(id: $0, phase: Int64($0) * 50 * millisecond) }
    playback.play(
      old[0].beats(60..<90) + old[3].beats(60..<90) + new.flatMap { $0.beats(60..<90) }, until: 89 * second)
    #expect(playback.evicted.filter { $0 < 10 } == [1, 2])
    #expect(playback.table.counts.alive == 4)
    #expect(playback.table.counts.refused > 0)
    #expect(playback.table.report(of: 0)?.state == .alive && playback.table.report(of: 3)?.state == .alive)
    playback.checkCounts()
  }

  @Test("amid forged sources of eleven beats each a peer that dies is told of in time, and nothing piles up")
  func verdictsAmidForgery() throws {
    var table = PeerTable<Int>(capacity: 256)
    let real = (0..<3).map { SimulatedSender(id: $0, phase: Int64($0) * 300 * millisecond) }
    var told: [Int: Int64] = [:]
    var events = 0
    var forged = 1000
    for step in Int64(0)..<(60 * 20) {
      let now = step * 50 * millisecond
      for sender in real where sender.id > 0 || now < 30 * second {
        let number = Int((now - sender.phase) / second)
        if now >= sender.phase, sender.due(number) > now - 50 * millisecond {
          table.heard(sender.beat(number), from: sender.id)
        }
      }
      if now > 20 * second {
        // 2000 new sources a second.
        for source in forged..<(forged + 100) {
          for beat in Int64(0)..<11 { table.heard(random(now - (10 - beat) * millisecond * 4), from: source) }
        }
        forged += 100
      }
      table.judge(at: now)
      // The daemon tells of so many in a turn.
      let taken = table.takeEvents(limit: 10)
      events += taken.count
      #expect(taken.count <= 30)
      for event in taken {
        if case .silent(let report) = event, told[report.id] == nil { told[report.id] = now }
      }
      #expect(table.counts.total <= 256)
    }
    let time = try #require(told[0])
    #expect(time - real[0].due(29) <= 8 * second)
    #expect(told[1] == nil && told[2] == nil)
    #expect(table.report(of: 1)?.state == .alive && table.report(of: 2)?.state == .alive)
    #expect(events > 1000)
    // What waits to be told is no more than the table has places, twice: who is there and who was.
    #expect(table.takeEvents().count <= 3 * 256)
    #expect(!table.hasEvents)
  }

  @Test("a peer that the configuration names has a place of its own, and keeps it")
  func expected() {
    var playback = Playback(capacity: 3)
    playback.table.expect { id, _ in id == 7 }
    let old = [SimulatedSender(id: 0), SimulatedSender(id: 1, phase: 1)]
    let named = SimulatedSender(id: 7, phase: 2)
    playback.play(old.flatMap { $0.beats(0..<60) } + named.beats(20..<23), until: 59 * second)
    #expect(playback.silent.map(\.id) == [7])
    let forged = (10..<60).map {
      SimulatedSender(id: $0, interval: 20 * millisecond, phase: Int64($0) * second)
    }
    playback.play(old.flatMap { $0.beats(60..<70) } + forged.flatMap { $0.beats(0..<3) }, until: 69 * second)
    #expect(playback.table.report(of: 7)?.state == .silent)
    // It takes no place from others.
    #expect(playback.table.counts.total == 4)
    playback.checkCounts()
  }

  @Test("a copy of the first beat is no second one")
  func copies() {
    var table = PeerTable<Int>(capacity: 16)
    table.heard(random(0), from: 1)
    table.heard(random(millisecond), from: 1)
    #expect(table.report(of: 1) == nil)
    table.heard(random(second), from: 1)
    #expect(table.report(of: 1) != nil)
  }

  @Test("a source that comes again after more than two hours is heard for the first time")
  func tooLate() {
    var table = PeerTable<Int>(capacity: 16)
    table.heard(random(0), from: 1)
    table.heard(random(7201 * second), from: 1)
    #expect(table.report(of: 1) == nil)
    table.heard(random(7202 * second), from: 1)
    #expect(table.report(of: 1) != nil)
  }

  @Test(
    "amid 50,000 forged sources a second every other newcomer is admitted on its second beat, and all soon")
  func newcomersAmidForgery() {
    var random = SeededRandom(testSeed: 9)
    var probation = Probation(capacity: 65_536)
    let hashes = (0..<200).map { _ in random.next() }
    var admitted: [Int: Int] = [:]
    // In round 0 the forged ones fill the places.
    for round in 0..<8 {
      for (newcomer, hash) in hashes.enumerated() where round > 0 && admitted[newcomer] == nil {
        if probation.note(hash: hash, at: Int64(round) * second) != nil { admitted[newcomer] = round }
      }
      for forged in 0..<50_000 {
        let time = Int64(round) * second + millisecond + Int64(forged) * 19_000
        if probation.note(hash: random.next(), at: time) != nil {
          Issue.record("a forged source was admitted")
        }
      }
    }
    #expect(60...140 ~= admitted.values.filter { $0 == 2 }.count)
    #expect(admitted.count > 190)
  }

  @Test("newcomers that share a set do not keep one another out")
  func crowd() {
    var probation = Probation(capacity: 4)
    var waiting = Set<UInt64>(1...8)
    for round in 0..<200 {
      for source in waiting
      where probation.note(hash: source << 33, at: Int64(round) * second + Int64(source) * millisecond) != nil
      {
        waiting.remove(source)
      }
    }
    #expect(waiting.isEmpty)
  }

  @Test("the heap gives deadlines in order, whatever is set and removed")
  func heap() {
    var random = SeededRandom(testSeed: 2)
    var heap = DeadlineHeap()
    var plain: [Int: Int64] = [:]
    for _ in 0..<20_000 {
      let slot = random.below(100)
      if random.chance(0.3) {
        heap.remove(slot)
        plain[slot] = nil
      } else {
        let deadline = Int64(random.below(1000))
        heap.set(deadline, for: slot)
        plain[slot] = deadline
      }
      #expect(heap.count == plain.count)
      #expect(heap.first?.deadline == plain.values.min())
      if let first = heap.first { #expect(plain[first.slot] == first.deadline) }
    }
  }
}
