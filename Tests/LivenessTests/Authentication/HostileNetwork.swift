// SPDX-License-Identifier: Apache-2.0

import TestSupport

@testable import Heartbeat
@testable import Liveness

/// Hosts that send at 10 Hz over a network that loses 30 % and delivers some behind up to 63 later ones, with
/// somebody on it who hears all of it, keeps it, and forges.
struct HostileNetwork {
  struct Host {
    var sender: SealedSender
    var clockAhead: Int64 = 0
    /// On their way, each until so many more are sent.
    var delayed: [(beat: SealedBeat, rest: Int)] = []
    /// The latest one that was sent, lost or not.
    var latest: SealedBeat?
    var book = AcceptanceBook()
    let isSigned: Bool
  }

  /// What came of the true ones.
  struct Count: Equatable {
    var sent = 0
    var lost = 0
    var accepted = 0
    var refused: [HeartbeatGate.Reason: Int] = [:]
  }

  private(set) var end: GateEnd
  var hosts: [Host]
  var random: SeededRandom
  private(set) var now: Int64 = 0
  private(set) var count = Count()
  /// What the forger kept: all that was sent, in a ring.
  private var recorded: [SealedBeat] = []
  /// Where the next one of them goes.
  private var next = 0
  private var turn = 0
  /// The book and the windows as they were stored last.
  private var stored: (books: [AcceptanceBook], windows: [AcceptedHeartbeats.Stored]) = ([], [])
  /// Where gate and book differ.
  private(set) var faults: [String] = []

  static let every: Int64 = 100_000_000
  private static let kept = 20_000

  /// - Parameters:
  ///   - keys: Lines of the receiver's file of keys.
  ///   - hosts: What each of them seals with.
  init(keys: String, hosts: [(name: HostName, keys: String, isSigned: Bool)], random: SeededRandom) throws {
    end = try GateEnd(keys)
    self.random = random
    self.hosts = try hosts.map { host in
      guard let sender = try SealedSender(host.name, keys: host.keys, every: Self.every) else {
        throw TestFailure("no key seals for \(host.name)")
      }
      return Host(sender: sender, isSigned: host.isSigned)
    }
    store()
  }

  /// The next host in turn sends a heartbeat, and what is due arrives.
  ///
  /// - Parameter intercept: Is given the heartbeat before it may arrive.
  mutating func step(_ intercept: (inout HostileNetwork, SealedBeat) -> Void = { _, _ in }) {
    turn = (turn + 1) % hosts.count
    now += Self.every / Int64(hosts.count)
    let clock = now + hosts[turn].clockAhead
    let payload = hosts[turn].sender.beat(at: GateEnd.epoch + clock)
    let beat = SealedBeat(
      payload, host: turn, run: hosts[turn].sender.run, number: hosts[turn].sender.sequence, clock: clock,
      isSigned: hosts[turn].isSigned)
    hosts[turn].latest = beat
    count.sent += 1
    intercept(&self, beat)
    record(beat)
    let host = turn
    for place in hosts[host].delayed.indices { hosts[host].delayed[place].rest -= 1 }
    let due = hosts[host].delayed.filter { $0.rest <= 0 }
    hosts[host].delayed.removeAll { $0.rest <= 0 }
    // The very first in order: at first contact all before it count as seen.
    switch beat.run == 1 && beat.number == 1 ? 9 : random.below(10) {
    case 0..<3: count.lost += 1
    case 3..<5: hosts[host].delayed.append((beat, 1 + random.below(63)))
    default: deliver(beat)
    }
    for (late, _) in due { deliver(late) }
  }

  private mutating func record(_ beat: SealedBeat) {
    if recorded.count < Self.kept { recorded.append(beat) } else { recorded[next] = beat }
    next = (next + 1) % Self.kept
  }

  /// One of those that the forger kept, every other time one of the latest.
  func anyRecorded(using random: inout SeededRandom) -> SealedBeat? {
    guard !recorded.isEmpty else { return nil }
    let span = random.below(2) == 0 ? min(200, recorded.count) : recorded.count
    return recorded[(next - 1 - random.below(span) + recorded.count) % recorded.count]
  }

  /// A true one arrives.
  mutating func deliver(_ beat: SealedBeat) {
    let expected = expects(beat)
    let finding = end.hear(beat.payload, now: now)
    note(finding, of: beat, isExpected: expected)
    if finding?.proof.isAuthentic == true {
      count.accepted += 1
      hosts[beat.host].book.accept(run: beat.run, number: beat.number, now: now)
    } else if let reason = finding?.reason {
      count.refused[reason, default: 0] += 1
    }
  }

  /// Whether a true one would be accepted now.
  func expects(_ beat: SealedBeat) -> Bool {
    let isFresh = abs(beat.clock - (now + end.clockAhead)) <= 5_000_000_000
    return hosts[beat.host].book.accepts(run: beat.run, number: beat.number, isFresh: isFresh, now: now)
  }

  private mutating func note(_ finding: HeartbeatGate.Finding?, of beat: SealedBeat, isExpected: Bool) {
    let proof: Proof = hosts[beat.host].isSigned ? .signed : .ok
    guard isExpected ? finding?.proof == proof : finding?.proof == .replayed else {
      let text = String(decoding: beat.payload, as: UTF8.self)
      return faults.append("\(now): \(isExpected ? "accepts" : "refuses") \(text), found: \(finding as Any)")
    }
  }

  /// A datagram that is not to be accepted arrives.
  mutating func attack(_ payload: [UInt8], _ what: String) {
    guard let finding = end.hear(payload, now: now), finding.proof.isAuthentic else { return }
    faults.append("\(now): \(what) was accepted: \(String(decoding: payload, as: UTF8.self))")
  }

  // MARK: Faults

  /// Nobody sends for some seconds.
  mutating func pause(_ seconds: Int) { now += Int64(seconds) * second }

  /// What was accepted is stored, as it is once in a while.
  mutating func store() { stored = (hosts.map(\.book), end.gate.accepted.stored) }

  /// The receiver is another process from now on.
  mutating func restartReceiver(isExact: Bool) {
    if isExact { store() }
    end.restart(with: stored.windows, isExact: isExact, now: now)
    for place in hosts.indices {
      hosts[place].book = stored.books[place]
      hosts[place].book.resume(now: now, isExact: isExact)
    }
  }

  /// A host's process is another one from now on.
  ///
  /// - Parameter arrives: Whether what is on its way arrives before.
  mutating func restartSender(_ host: Int, arrives: Bool) {
    if arrives {
      for (beat, _) in hosts[host].delayed { deliver(beat) }
      hosts[host].delayed = []
    }
    hosts[host].sender.restart(run: hosts[host].sender.run + 1)
  }

  /// A clock that is right is stepped by an hour, and one that is off is set right.
  ///
  /// - Parameter host: Nil for the receiver.
  mutating func stepClock(of host: Int?) {
    let step = [-hour, hour][random.below(2)]
    if let host {
      hosts[host].clockAhead = hosts[host].clockAhead == 0 ? step : 0
    } else {
      end.clockAhead = end.clockAhead == 0 ? step : 0
    }
  }

  /// Whether a host's clock and the receiver's agree.
  func clocksAgree(_ host: Int) -> Bool { hosts[host].clockAhead == end.clockAhead }

  /// Whether each host's latest run was heard.
  var isSettled: Bool { hosts.allSatisfy { $0.book.run == $0.sender.run } }

  mutating func setClocksRight() {
    end.clockAhead = 0
    for place in hosts.indices { hosts[place].clockAhead = 0 }
  }

  mutating func takeClocks() -> ClockNews { end.takeClocks() }
}
