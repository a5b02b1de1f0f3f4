// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Heartbeat
@testable import Liveness

/// Hosts whose clocks are off, beside restarts of either side: what is refused, what is told, and that it
/// heals.
struct ClockStepTests {
  private static let keys = "k hmac-sha256 \(SealedSender.secrets[0])\n"

  /// A receiver and a host that it has heard for ten seconds.
  private func pair() throws -> (GateEnd, SealedSender) {
    var end = try GateEnd(Self.keys)
    var alpha = try #require(try SealedSender("alpha", keys: Self.keys))
    for time in 1...10 {
      #expect(end.accepts(alpha.beat(Int64(time) * second), now: Int64(time) * second) == true)
    }
    return (end, alpha)
  }

  @Test("a host that goes on sending is accepted through a step of an hour, which is told once, and its end")
  func ofSender() throws {
    for step in [hour, -hour] {
      var (end, alpha) = try pair()
      for time in 11...20 as ClosedRange<Int64> {
        #expect(end.accepts(alpha.beat(time * second, clockAhead: step), now: time * second) == true)
      }
      var news = end.takeClocks()
      #expect(news.off == [.init(host: "alpha", ahead: step / 1000)] && news.right.isEmpty)
      #expect(end.takeClocks().isEmpty)
      for time in 21...30 as ClosedRange<Int64> {
        #expect(end.accepts(alpha.beat(time * second), now: time * second) == true)
      }
      news = end.takeClocks()
      #expect(news.off.isEmpty && news.right == ["alpha"] && end.takeClocks().isEmpty)
    }
  }

  @Test("a step of our own clock is told of every host, and refuses none of them")
  func ofReceiver() throws {
    var end = try GateEnd(Self.keys)
    var hosts = try (1...20).map { try #require(try SealedSender("h\($0)", keys: Self.keys)) }
    func hear(_ time: Int64) {
      for place in hosts.indices {
        #expect(end.accepts(hosts[place].beat(time * second), now: time * second) == true)
      }
    }
    hear(1)
    end.clockAhead = hour
    hear(2)
    var news = end.takeClocks()
    #expect(news.off.count == 16 && news.moreOff == 4 && news.off.allSatisfy { $0.ahead == -hour / 1000 })
    end.clockAhead = 0
    hear(3)
    news = end.takeClocks()
    #expect(news.right.count == 16 && news.moreRight == 4 && news.off.isEmpty)
  }

  @Test("a host that restarts while its clock is off is refused and named, until its clock is right")
  func restartOfSender() throws {
    for step in [hour, -hour] {
      var (end, alpha) = try pair()
      alpha.restart(run: 2)
      // What is not of now is looked at once the run before was not heard for 5 s.
      for time in 11...20 as ClosedRange<Int64> {
        #expect(
          end.hear(alpha.beat(time * second, clockAhead: step), now: time * second)?.reason == .notFresh)
      }
      #expect(end.takeClocks().off == [.init(host: "alpha", ahead: step / 1000)])
      for time in 21...23 as ClosedRange<Int64> {
        #expect(end.accepts(alpha.beat(time * second), now: time * second) == true)
      }
      #expect(end.takeClocks().right == ["alpha"])
    }
  }

  @Test("after a restart that lost nothing all are accepted, also with a clock that is off")
  func exactRestart() throws {
    for (own, theirs) in [(hour, 0), (-hour, 0), (0, hour), (0, -hour)] {
      var (end, alpha) = try pair()
      end.clockAhead = own
      end.restart(with: end.gate.accepted.stored, isExact: true, now: 11 * second)
      for time in 11...20 as ClosedRange<Int64> {
        #expect(end.accepts(alpha.beat(time * second, clockAhead: theirs), now: time * second) == true)
      }
      #expect(end.takeClocks().off == [.init(host: "alpha", ahead: (theirs - own) / 1000)])
    }
  }

  @Test(
    "after a crash the first is accepted by its time: with a clock that is off none is, until it is right")
  func crash() throws {
    for (own, theirs) in [(hour, 0), (-hour, 0), (0, hour), (0, -hour)] {
      for isStored in [true, false] {
        var (end, alpha) = try pair()
        let stored = isStored ? end.gate.accepted.stored : []
        let recorded = (11...12).map { alpha.beat($0 * second) }
        for beat in recorded { #expect(end.accepts(beat, now: 12 * second) == true) }
        end.restart(with: stored, isExact: false, now: 13 * second)
        end.clockAhead = own
        for time in 13...20 as ClosedRange<Int64> {
          let beat = alpha.beat(time * second, clockAhead: theirs)
          #expect(end.hear(beat, now: time * second)?.reason == .notFresh)
        }
        #expect(end.takeClocks().off == [.init(host: "alpha", ahead: (theirs - own) / 1000)])
        end.clockAhead = 0
        #expect(end.accepts(alpha.beat(21 * second), now: 21 * second) == true)
        #expect(end.takeClocks().right == ["alpha"])
        // Those that the process before accepted, and did not store, are none.
        for beat in recorded { #expect(end.accepts(beat, now: 21 * second) == false) }
      }
    }
  }

  @Test("what is recorded and sent again names no host that is heard as one whose clock is off")
  func recorded() throws {
    var (end, alpha) = try pair()
    var other = try #require(try SealedSender("alpha", keys: Self.keys, run: 2))
    let recorded = other.beat(0)
    for time in 1000...1010 as ClosedRange<Int64> {
      #expect(end.accepts(alpha.beat(time * second), now: time * second) == true)
      #expect(end.hear(recorded, now: time * second)?.reason == .notFresh)
    }
    #expect(end.takeClocks().isEmpty)
  }

  @Test("codes of what is not of now are checked 20 times a second at most")
  func checks() throws {
    var end = try GateEnd(Self.keys)
    var forger = try #require(try SealedSender("h", keys: "k hmac-sha256 \(SealedSender.secrets[1])"))
    let forged = forger.beat(0)
    func checked(_ count: Int, at now: Int64) -> Int {
      (0..<count).count { _ in end.hear(forged, now: now)?.reason == .code(.wrongMAC) }
    }
    #expect(checked(1000, at: 100 * second) == 20)
    #expect(checked(1000, at: 100 * second) == 0)
    #expect(checked(1000, at: 101 * second) == 20)
  }
}
