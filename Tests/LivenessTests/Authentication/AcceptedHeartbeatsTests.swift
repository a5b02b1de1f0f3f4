// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Heartbeat
@testable import Liveness
@testable import Platform

/// What is remembered of hosts: its bounds, and its lines in `peers.json`.
struct AcceptedHeartbeatsTests {
  private func id(_ name: HostName, interface: Int32 = 0, via: UInt8 = 1) -> PeerID {
    PeerID(.name(name), interface: interface, via: via)
  }

  private func said(_ number: UInt64, run: UInt64 = 1) -> Announcement {
    var said = Announcement()
    (said.run, said.sequence, said.every) = (run, number, second)
    return said
  }

  @Test("a line is read back as it was written, whatever its numbers")
  func roundTrip() throws {
    var random = SeededRandom(testSeed: 41)
    for _ in 0..<2000 {
      var window = ReplayWindow()
      let run = random.next() >> UInt64(random.below(64))
      var number = random.next() >> UInt64(1 + random.below(63))
      for _ in 0..<(1 + random.below(80)) {
        window.accept(run: max(1, run), seq: number)
        number += UInt64(random.below(5))
      }
      let host = AcceptedHeartbeats.Stored(
        peer: id(
          "h\(random.below(1000))", interface: Int32(random.below(50)), via: UInt8(1 + random.below(64))),
        window: window)
      #expect(Self.read(Self.line(host)) == host)
    }
  }

  @Test("a damaged line is no host, or one with a window that is possible")
  func damaged() throws {
    var random = SeededRandom(testSeed: 42)
    var window = ReplayWindow()
    for number in [5, 8, 9, 17] as [UInt64] { window.accept(run: 0x19ab_34cd_0120, seq: number) }
    let line = Self.line(.init(peer: id("alpha"), window: window))
    for end in line.indices { #expect(Self.read(Array(line[..<end])) == nil) }
    for _ in 0..<20_000 {
      var damaged = line
      for _ in 0...random.below(3) {
        let place = random.below(damaged.count)
        switch random.below(3) {
        case 0: damaged[place] = UInt8(random.below(256))
        case 1: damaged.remove(at: place)
        default: damaged.insert(UInt8(random.below(256)), at: place)
        }
      }
      guard let host = Self.read(damaged) else { continue }
      // It is one, and is written as it was read.
      #expect(Self.read(Self.line(host)) == host)
      #expect(host.window.seen & 1 == 1 || host.window == ReplayWindow())
    }
  }

  @Test("hosts beyond those that are remembered take the place of another once a second, and no faster")
  func capacity() {
    var accepted = AcceptedHeartbeats(capacity: 16)
    for host in 0..<16 { #expect(accepted.accept(id("h\(host)"), said(1), now: Int64(host)) == true) }
    var taken = 0
    for step in 0..<5000 as Range<Int64> {
      if accepted.accept(id("n\(step)"), said(1), now: second + step * second / 1000) { taken += 1 }
      #expect(accepted.count == 16)
    }
    #expect(taken == 5)
    // Who was not heard for longest made room.
    #expect(accepted.verdict(of: id("h4"), said(1), now: 6 * second) == .newRun)
    #expect(accepted.verdict(of: id("h5"), said(1), now: 6 * second) == .duplicate)
    accepted.resize(17)
    #expect(accepted.accept(id("m"), said(1), now: 6 * second) && accepted.count == 17)
    accepted.resize(1)
    #expect(accepted.count == 17, "those that are there stay")
  }

  @Test("a host is another one on another interface, and by another of its own")
  func interfaces() {
    var accepted = AcceptedHeartbeats(capacity: 16)
    for peer in [id("a"), id("a", interface: 1), id("a", via: 2)] {
      #expect(accepted.verdict(of: peer, said(1), now: 0) == .newRun)
      #expect(accepted.accept(peer, said(1), now: 0) == true)
      #expect(accepted.verdict(of: peer, said(1), now: 0) == .duplicate)
    }
  }

  @Test("of what was stored as many are taken as there is room for")
  func restored() {
    var accepted = AcceptedHeartbeats(capacity: 100)
    for host in 0..<100 { _ = accepted.accept(id("h\(host)"), said(7), now: 0) }
    let stored = accepted.stored
    #expect(stored.count == 100)
    #expect(AcceptedHeartbeats(stored, capacity: 10, isExact: true, now: 0).count == 10)
    let exact = AcceptedHeartbeats(stored, capacity: 100, isExact: true, now: 0)
    let behind = AcceptedHeartbeats(stored, capacity: 100, isExact: false, now: 0)
    for host in 0..<100 {
      #expect(exact.verdict(of: id("h\(host)"), said(8), now: 0) == .next)
      #expect(behind.verdict(of: id("h\(host)"), said(8), now: 0) == .newRun)
      #expect(exact.verdict(of: id("h\(host)"), said(7), now: 0) == .duplicate)
      #expect(behind.verdict(of: id("h\(host)"), said(7), now: 0) == .duplicate)
    }
  }

  @Test("after a crash a late first heartbeat makes none acceptable again that was accepted before")
  func lateFirst() {
    var before = AcceptedHeartbeats(capacity: 16)
    for number in [1, 2, 3, 5, 6, 7] as [UInt64] { _ = before.accept(id("a"), said(number), now: 0) }
    var after = AcceptedHeartbeats(before.stored, capacity: 16, isExact: false, now: 0)
    #expect(after.verdict(of: id("a"), said(4), now: 0) == .newRun)
    #expect(after.accept(id("a"), said(4), now: 0) == true)
    for number in 1...7 as ClosedRange<UInt64> {
      #expect(after.verdict(of: id("a"), said(number), now: 0) == .duplicate, "\(number)")
    }
    #expect(after.verdict(of: id("a"), said(8), now: 0) == .next)
  }

  @Test("that a clock is off is noted once until it is right, also of a host that was never accepted")
  func clocks() {
    var accepted = AcceptedHeartbeats(capacity: 2)
    #expect(accepted.setClockOff(true, of: id("a"), now: 0) == true)
    #expect(accepted.setClockOff(true, of: id("a"), now: 1) == false)
    #expect(accepted.stored.allSatisfy { $0.window == ReplayWindow() })
    // Nothing was accepted of it, which a restart need not know.
    #expect(AcceptedHeartbeats(accepted.stored, capacity: 2, isExact: true, now: 0).count == 0)
    #expect(accepted.setClockOff(false, of: id("a"), now: 2) == true)
    #expect(accepted.setClockOff(true, of: id("b"), now: 3) && accepted.count == 2)
    #expect(accepted.setClockOff(true, of: id("c"), now: 4) && accepted.count == 2)
    #expect(accepted.setClockOff(true, of: id("d"), now: 5) == false)
  }

  @Test("of hosts whose clocks are off 16 are named, and the others counted, each once")
  func news() throws {
    var news = ClockNews()
    for _ in 0..<2 {
      for host in 0..<16 { news.noteOff("h\(host)", ahead: 1) }
    }
    #expect(news.off.count == 16 && news.moreOff == 0)
    for host in 16..<100 { news.noteOff("h\(host)", ahead: 1) }
    for host in 0..<100 { news.noteRight("h\(host)") }
    #expect(news.off.count == 16 && news.moreOff == 84 && news.right.count == 16 && news.moreRight == 84)
  }

  private static func line(_ host: AcceptedHeartbeats.Stored) -> [UInt8] {
    var line: [UInt8] = []
    AcceptedLine.append(host, to: &line)
    return Array(line.dropLast())
  }

  private static func read(_ line: [UInt8]) -> AcceptedHeartbeats.Stored? {
    line.withUnsafeBytes { AcceptedLine.read($0) }
  }
}
