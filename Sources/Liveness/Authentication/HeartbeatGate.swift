// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Platform

/// Says of each heartbeat whether it comes from a host of the group and was sent just now.
///
/// The order is that of the cost: the number, then the time, and only then the code. What is forged costs the
/// check of a code and leaves nothing behind; what is repeated does not even cost that.
///
/// A pure value; the keys are given to it.
package struct HeartbeatGate: Sendable {
  /// Why a heartbeat is not authentic.
  package enum Reason: Hashable, Comparable, Sendable {
    /// It ends in no code.
    case noCode
    /// It has a code and no name, run or number, so that a repetition could not be told.
    case unnumbered
    /// Its code is not right.
    case code(Authentication.Refusal)
    /// Its number was accepted before, or is too old for that to be known.
    case repeated
    /// Its run is earlier than one that was accepted.
    case earlierRun
    /// The first of its run, and not of now by our clock and its own.
    case notFresh
    /// There are too many hosts to remember what was accepted of another one.
    case noRoom

    /// As it is shown.
    package var proof: Proof {
      switch self {
      case .noCode: .none
      case .unnumbered, .code, .noRoom: .bad
      case .repeated, .earlierRun, .notFresh: .replayed
      }
    }
  }

  /// What is found of a heartbeat.
  package struct Finding: Equatable, Sendable {
    package var proof: Proof
    /// Nil for an authentic one.
    package var reason: Reason?
    package var standing: Standing

    init(_ reason: Reason, _ standing: Standing = .current) {
      (proof, self.reason, self.standing) = (reason.proof, reason, standing)
    }
    /// Of an authentic one.
    init(isSigned: Bool, _ standing: Standing) {
      (proof, self.standing) = (isSigned ? .signed : .ok, standing)
    }
  }

  /// Whether what a heartbeat says is what its host says now.
  package enum Standing: Sendable {
    /// It is, as far as is known.
    case current
    /// It is authentic, and one that was sent after it was accepted, or by both clocks it was sent a while
    /// ago: its host is heard, and what it says may have been recorded before that changed.
    case late
    /// It is refused for its run, and was sent with a right code after a later run of the name began: two
    /// hosts that have the key use the name.
    case namesake
  }

  /// A heartbeat on its way in.
  package struct Candidate {
    /// The whole datagram.
    package var payload: UnsafeRawBufferPointer
    package var said: Announcement
    package var peer: PeerID
    /// The time in it, UTC, in microseconds since 1970.
    package var sent: Int64
    /// CLOCK_REALTIME when it was received, in microseconds.
    package var received: Int64

    package init(
      payload: UnsafeRawBufferPointer, said: Announcement, peer: PeerID, sent: Int64, received: Int64
    ) {
      self.payload = payload
      self.said = said
      self.peer = peer
      self.sent = sent
      self.received = received
    }
  }

  /// How many heartbeats that are not fresh are checked a second, to tell of a host whose clock is off.
  private static let clockChecks = 20.0

  private var verifier: HeartbeatVerifier
  private var clockChecks: TokenBucket
  /// What was accepted, by host.
  package private(set) var accepted: AcceptedHeartbeats
  /// Hosts whose clocks are off or right again, as far as it was not told.
  package private(set) var clocks = ClockNews()

  /// A gate with these keys.
  ///
  /// - Parameters:
  ///   - group: That is received.
  ///   - accepted: What the gate before accepted.
  ///   - now: CLOCK_MONOTONIC in nanoseconds.
  package init(_ ring: KeyRing, group: Endpoint, accepted: AcceptedHeartbeats, now: Int64) {
    verifier = HeartbeatVerifier(ring, group: group, now: now)
    clockChecks = TokenBucket(rate: Self.clockChecks, capacity: Self.clockChecks, now: now)
    self.accepted = accepted
  }

  /// Changes how many hosts are remembered (`peers.max`).
  package mutating func resize(_ capacity: Int) { accepted.resize(capacity) }

  /// What one of our own heartbeats proves. Whether it is ours its place and time tell.
  ///
  /// - Parameter now: CLOCK_MONOTONIC in nanoseconds.
  package mutating func judgeOwn(
    _ payload: UnsafeRawBufferPointer, _ said: Announcement?, now: Int64
  ) -> Proof {
    switch verify(payload, said, now: now) {
    case .none: .none
    case .authenticated: .ok
    case .signed: .signed
    case .refused: .bad
    }
  }

  /// Judges a heartbeat of another host, and notes it where it is authentic. Allocates nothing for a host
  /// that is known.
  ///
  /// - Parameter now: CLOCK_MONOTONIC in nanoseconds.
  package mutating func judge(_ beat: Candidate, now: Int64) -> Finding {
    guard beat.said.host != nil, beat.said.isNumbered else {
      return Finding(HeartbeatVerifier.carriesCode(beat.payload) ? .unnumbered : .noCode)
    }
    let freshness = Freshness(sent: beat.sent, now: beat.received, every: beat.said.every)
    switch accepted.verdict(of: beat.peer, beat.said, now: now) {
    case .duplicate, .tooOld: return refusal(.repeated, beat)
    case .olderRun: return earlierRun(beat, freshness, now: now)
    case .newRun where freshness != .fresh: return notFresh(beat, freshness, now: now)
    case .newRun, .next: break
    }
    let isSigned: Bool
    switch verify(beat.payload, beat.said, now: now) {
    case .none: return Finding(.noCode)
    case .refused(let refusal): return Finding(.code(refusal))
    case .authenticated: isSigned = false
    case .signed: isSigned = true
    }
    let isBehind = accepted.isBehind(beat.peer, beat.said)
    guard accepted.accept(beat.peer, beat.said, now: now) else { return Finding(.noRoom) }
    noteClock(beat, freshness, now: now)
    return Finding(isSigned: isSigned, isBehind || freshness != .fresh ? .late : .current)
  }

  /// What has no code claims nothing, whatever its number.
  private func refusal(_ reason: Reason, _ beat: Candidate) -> Finding {
    Finding(HeartbeatVerifier.carriesCode(beat.payload) ? reason : .noCode)
  }

  private mutating func earlierRun(_ beat: Candidate, _ freshness: Freshness, now: Int64) -> Finding {
    let finding = refusal(.earlierRun, beat)
    // A run is the time at which it began, in milliseconds: nobody recorded what was sent after that.
    guard finding.reason == .earlierRun, freshness == .fresh,
      UInt64(clamping: beat.sent / 1000) > accepted.run(of: beat.peer)
    else { return finding }
    switch verify(beat.payload, beat.said, now: now) {
    case .authenticated, .signed: return Finding(.earlierRun, .namesake)
    case .none, .refused: return finding
    }
  }

  private mutating func notFresh(_ beat: Candidate, _ freshness: Freshness, now: Int64) -> Finding {
    guard HeartbeatVerifier.carriesCode(beat.payload) else { return Finding(.noCode) }
    if !accepted.isHeard(beat.peer, now: now), clockChecks.take(now: now) {
      switch verify(beat.payload, beat.said, now: now) {
      case .authenticated, .signed: noteClock(beat, freshness, now: now)
      case .refused(let refusal): return Finding(.code(refusal))
      case .none: break
      }
    }
    return Finding(.notFresh)
  }

  private mutating func verify(
    _ payload: UnsafeRawBufferPointer, _ said: Announcement?, now: Int64
  ) -> Authentication {
    guard let host = said?.host else {
      return verifier.verify(payload, host: UnsafeRawBufferPointer(start: nil, count: 0), now: now)
    }
    return host.withUTF8 { verifier.verify(payload, host: $0, now: now) }
  }

  /// Notes whether a host's clock is off, for a heartbeat whose code is right.
  private mutating func noteClock(_ beat: Candidate, _ freshness: Freshness, now: Int64) {
    guard let host = beat.said.host else { return }
    switch freshness {
    case .off(let ahead):
      if accepted.setClockOff(true, of: beat.peer, now: now) { clocks.noteOff(host, ahead: ahead) }
    case .fresh:
      guard accepted.isClockOff(of: beat.peer),
        Freshness.isClearlyFresh(sent: beat.sent, now: beat.received, every: beat.said.every)
      else { return }
      _ = accepted.setClockOff(false, of: beat.peer, now: now)
      clocks.noteRight(host)
    }
  }

  /// What was noted of clocks since the last call.
  package mutating func takeClocks() -> ClockNews {
    defer { clocks = ClockNews() }
    return clocks
  }
}
