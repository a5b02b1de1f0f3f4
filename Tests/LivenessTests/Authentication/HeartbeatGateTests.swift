// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Heartbeat
@testable import Liveness
@testable import Platform

/// What the gate finds of one heartbeat after another. Hostile ones by the hundred thousand are in
/// `HostileHeartbeatsTests`.
struct HeartbeatGateTests {
  private static let keys = "k hmac-sha256 \(SealedSender.secrets[0])\n"

  private func sender(
    _ host: HostName = "alpha", keys: String = Self.keys, group: Endpoint = SealedSender.group,
    run: UInt64 = 1
  ) throws -> SealedSender {
    try #require(try SealedSender(host, keys: keys, group: group, run: run))
  }

  @Test("what claims no code, or claims one without a number, is told from a wrong code")
  func claims() throws {
    var end = try GateEnd(Self.keys)
    var alpha = try sender()
    let sealed = String(decoding: alpha.beat(second), as: UTF8.self)
    let code = try #require(sealed.split(separator: " ").last)
    let plain = sealed.dropLast(code.count + 1)
    func reason(_ payload: some StringProtocol) -> HeartbeatGate.Reason? {
      end.hear(Array(payload.utf8), now: second)?.reason
    }
    #expect(reason(plain) == .noCode)
    #expect(reason("ATU 2026-11-22 07:25:09.195112") == .noCode)
    #expect(reason("ATU 2026-11-22 07:25:09.195112 \(code)") == .unnumbered)
    #expect(reason("ATU 2026-11-22 07:25:09.195112 host=alpha \(code)") == .unnumbered)
    #expect(reason("\(plain) a=1 \(code)") == .code(.wrongMAC))
    #expect(reason(sealed + "A") == .code(.malformed))
    #expect(end.gate.accepted.count == 0)
    #expect(reason(sealed) == nil && end.gate.accepted.count == 1)
    #expect(reason(sealed) == .repeated)
    // Nothing is claimed by a number that was seen.
    #expect(reason(plain) == .noCode)
  }

  @Test("a code is good for the key, the host and the group that it was made for, and no other")
  func others() throws {
    let other = SealedSender.secrets[1]
    var end = try GateEnd(Self.keys + "b hmac-sha256 \(other) host=beta\n")
    func reason(_ sender: SealedSender) -> HeartbeatGate.Reason? {
      var sender = sender
      return end.hear(sender.beat(second), now: second)?.reason
    }
    #expect(reason(try sender(keys: "k hmac-sha256 \(other)")) == .code(.wrongMAC))
    #expect(reason(try sender(keys: "b hmac-sha256 \(other)")) == .code(.keyOfOtherHost))
    #expect(reason(try sender(keys: "c hmac-sha256 \(other)")) == .code(.unknownKey))
    let neighbour = Endpoint(SealedSender.group.address, port: 5002)
    #expect(reason(try sender(group: neighbour)) == .code(.wrongMAC))
    #expect(end.gate.accepted.count == 0)
    #expect(reason(try sender("beta", keys: "b hmac-sha256 \(other)")) == nil)
    #expect(reason(try sender()) == nil && end.gate.accepted.count == 2)
  }

  @Test("a signature is told from a mac, and one of another host's seed is refused")
  func signed() throws {
    let seeds = SealedSender.secrets.prefix(2).map { "s ed25519 \($0)" }
    var end = try GateEnd(seeds[0])
    var alpha = try sender(keys: seeds[0])
    #expect(end.hear(alpha.beat(second), now: second)?.proof == .signed)
    var forger = try sender(keys: seeds[1], run: 2)
    #expect(end.hear(forger.beat(second), now: second)?.reason == .code(.wrongSignature))
  }

  @Test("late by 63 numbers is accepted once, by 64 it is too old, and of an earlier run refused")
  func window() throws {
    var end = try GateEnd(Self.keys)
    var alpha = try sender(run: 2)
    #expect(end.accepts(alpha.beat(second), now: second) == true)
    let beats = (1...65).map { _ in alpha.beat(second) }
    #expect(end.accepts(beats[64], now: second) == true)
    #expect(end.hear(beats[0], now: second)?.reason == .repeated)
    #expect(end.accepts(beats[1], now: second) == true)
    #expect(end.hear(beats[1], now: second)?.reason == .repeated)
    var before = try sender(run: 1)
    #expect(end.hear(before.beat(second), now: second)?.reason == .earlierRun)
  }

  @Test("the first of a run must be of now, to 5 s or three intervals, and no later one must")
  func freshness() throws {
    for (every, allowed) in [(1, 5), (1, -5), (10, 30)] as [(Int64, Int64)] {
      var end = try GateEnd(Self.keys)
      var alpha = try #require(try SealedSender("alpha", keys: Self.keys, every: every * second))
      let late = alpha.beat(second, clockAhead: allowed * second + (allowed < 0 ? -1000 : 1000))
      #expect(end.hear(late, now: second)?.reason == .notFresh)
      #expect(end.accepts(alpha.beat(second, clockAhead: allowed * second), now: second) == true)
      #expect(end.accepts(alpha.beat(second, clockAhead: hour), now: second) == true)
    }
  }

  @Test("what comes after a later one, or is not of now, is accepted, and comes too late for what it says")
  func late() throws {
    var end = try GateEnd(Self.keys)
    var alpha = try sender()
    func isLate(_ beat: [UInt8], at time: Int64) -> Bool? {
      guard let finding = end.hear(beat, now: time * second) else { return nil }
      #expect(finding.reason == nil)
      return finding.standing == .late
    }
    #expect(isLate(alpha.beat(second), at: 1) == false)
    let early = alpha.beat(2 * second)
    #expect(isLate(alpha.beat(2 * second), at: 2) == false)
    #expect(isLate(early, at: 2) == true)
    let recorded = (0..<3).map { _ in alpha.beat(3 * second) }
    #expect(isLate(recorded[0], at: 8) == false)
    #expect(isLate(recorded[1], at: 9) == true)
    #expect(isLate(recorded[2], at: 40) == true)
    #expect(isLate(alpha.beat(40 * second), at: 40) == false)
    #expect(isLate(alpha.beat(46 * second), at: 40) == true)
    alpha.restart(run: 2)
    #expect(isLate(alpha.beat(41 * second), at: 41) == false)
  }

  @Test(
    "who goes on under a name of which a later run began is another one, and who was recorded before is not")
  func namesake() throws {
    var end = try GateEnd(Self.keys)
    let start: Int64 = 100 * second
    func run(at time: Int64) -> UInt64 { UInt64((GateEnd.epoch + time) / 1_000_000) }
    var (first, other) = (try sender(run: run(at: 0)), try sender(run: run(at: start)))
    var forger = try sender(keys: "k hmac-sha256 \(SealedSender.secrets[1])", run: run(at: 0))
    #expect(end.accepts(first.beat(start - 1), now: start - 1) == true)
    let recorded = (0..<2).map { _ in first.beat(start - 1) }
    #expect(end.accepts(other.beat(start), now: start) == true)
    let (soon, later) = (start + second / 100, start + 60 * second)
    let (following, last) = ([first.beat(soon), first.beat(soon)], first.beat(later))
    let beats: [(payload: [UInt8], time: Int64, isNamesake: Bool)] = [
      (recorded[0], soon, false), (following[0], soon, true), (recorded[1], later, false),
      (following[1], later, false), (forger.beat(later), later, false), (last, later, true),
    ]
    for beat in beats {
      let finding = end.hear(beat.payload, now: beat.time)
      #expect(finding?.reason == .earlierRun && (finding?.standing == .namesake) == beat.isNamesake)
    }
  }

  @Test("what was sent while a host was not heard for a minute, or 15 intervals, is of the past")
  func silence() throws {
    for every in [1, 10] as [Int64] {
      var end = try GateEnd(Self.keys)
      var alpha = try #require(try SealedSender("alpha", keys: Self.keys, every: every * second))
      #expect(end.accepts(alpha.beat(0), now: 0) == true)
      let recorded = (1...3).map { alpha.beat($0 * second) }
      let lost = max(60, 15 * every) * second
      #expect(end.accepts(recorded[0], now: lost) == true)
      #expect(end.hear(recorded[1], now: 2 * lost + 1)?.reason == .notFresh)
      // And it is not accepted either once the host is heard again.
      #expect(end.accepts(alpha.beat(2 * lost + 1), now: 2 * lost + 1) == true)
      #expect(end.hear(recorded[1], now: 2 * lost + 1)?.reason == .repeated)
    }
  }

  @Test("what a host sent before its first contact is of the past, and in a later run only late")
  func firstContact() throws {
    var end = try GateEnd(Self.keys)
    var alpha = try sender()
    for isFirst in [true, false] {
      let beats = (1...3).map { _ in alpha.beat(second) }
      #expect(end.accepts(beats[2], now: second) == true)
      #expect(end.hear(beats[1], now: second)?.reason == (isFirst ? .repeated : nil))
      alpha.restart(run: 2)
    }
  }

  @Test("there is no room for another host than those that are remembered, but for one a second")
  func room() throws {
    var end = try GateEnd(Self.keys, capacity: 2)
    func hear(_ host: HostName, at now: Int64) throws -> HeartbeatGate.Reason? {
      var sender = try sender(host)
      return end.hear(sender.beat(now), now: now)?.reason
    }
    #expect(try hear("a", at: 1) == nil && hear("b", at: 2) == nil)
    #expect(try hear("c", at: second) == nil, "in the place of a, which was not heard for longest")
    #expect(try hear("d", at: second + 1) == .noRoom)
    #expect(try hear("b", at: second + 1) == .repeated)
    #expect(try hear("d", at: 2 * second) == nil)
    #expect(end.gate.accepted.count == 2)
  }

  @Test("our own heartbeats are judged by their code alone, and note nothing")
  func own() throws {
    var end = try GateEnd(Self.keys)
    var (alpha, forger) = (try sender(), try sender(keys: "k hmac-sha256 \(SealedSender.secrets[1])"))
    let (ours, forged) = (alpha.beat(0), forger.beat(0))
    #expect(end.judgeOwn(ours) == .ok && end.judgeOwn(ours) == .ok)
    #expect(end.judgeOwn(forged) == .bad)
    #expect(end.judgeOwn(Array("ATU 2026-11-22 07:25:09.195112".utf8)) == Proof.none)
    #expect(end.gate.accepted.count == 0)
  }
}
