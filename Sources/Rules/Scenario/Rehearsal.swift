// SPDX-License-Identifier: Apache-2.0

import Facts
import Heartbeat
import Liveness
import Platform

/// Rules with all that they are decided by, in a time that is given: from the same heartbeats it has the
/// same states as the daemon, by the same values.
///
/// Times are in nanoseconds, those of CLOCK_MONOTONIC and CLOCK_REALTIME alike.
struct Rehearsal {
  /// Between two looks at peers, as in the daemon.
  private static let tick: Int64 = 1_000_000_000
  /// The least time between two of them.
  private static let leastTick: Int64 = 1_000_000
  /// For how long nothing is missed between two heartbeats: what is older than an hour is stale and silent,
  /// and only rules go on.
  private static let longestWatch: Int64 = 3_600_000_000_000
  /// Interfaces that are told apart.
  static let mostInterfaces = 64

  private(set) var rules: Rulebook
  private var facts: Facts
  private var liveness: GroupLiveness
  /// Peers that are in these states whatever is heard of them.
  private var appearances: [PeerSubject: PeerFinding] = [:]
  private var interfaces: Set<Int32> = []
  /// The rules ask who is there.
  private let asksForPeers: Bool
  /// When peers were judged last, and when the last tick was.
  private var looked: Int64
  private var ticked: Int64

  init(_ rules: [Rule], at start: Int64) {
    facts = Facts(capacity: Self.capacity, at: start)
    var interfaces = PeerInterfaces(capacity: Self.capacity)
    interfaces.allow(.standard, now: start)
    liveness = GroupLiveness(
      interfaces, expected: ExpectedPeers([], interval: Self.tick), realtime: start, at: start,
      isGapless: false)
    asksForPeers = rules.contains { $0.conditions.contains { $0.test.subject == .peer } }
    (looked, ticked) = (start, start)
    self.rules = Rulebook(at: start)
    self.rules.replace(by: rules, evidence, at: start)
  }

  /// The default of `peers.max`.
  private static let capacity = 4096

  private var evidence: Evidence { Evidence(known: facts, liveness: liveness, appearances: appearances) }

  // MARK: What happens

  /// The number of an interface on which is listened from now on; nil where there are too many.
  mutating func listen(on name: String, at time: Int64) -> Int32? {
    let number = liveness.number(of: name)
    guard !interfaces.contains(number) else { return number }
    guard interfaces.count < Self.mostInterfaces else { return nil }
    interfaces.insert(number)
    _ = liveness.listen(on: interfaces, awaited: nil, now: time)
    return number
  }

  /// A heartbeat of another host.
  ///
  /// - Parameters:
  ///   - time: Not before any other.
  ///   - received: By the wall clock, in nanoseconds since the epoch.
  ///   - isPeer: Whether it counts though it was heard once, which makes no peer.
  mutating func hear(
    _ payload: UnsafeRawBufferPointer, from source: Endpoint, on interface: Int32, proof: Proof?,
    at time: Int64, received: Int64, isPeer: Bool = false
  ) {
    guard let outline = Heartbeat.read(payload) else { return }
    advance(to: time)
    liveness.begin(realtime: received, now: time)
    _ = liveness.heard(outline, from: source, on: interface, received: received, .peer, proof: proof)
    guard let said = outline.said,
      let sender = facts.sender(
        of: outline, from: source.address, on: interface, among: liveness, isPeer: isPeer)
    else { return }
    facts.hear(
      payload, outline, from: source.address, proof: proof,
      standing(of: outline.stamp, every: said.every, proof, received: received), arrival: time,
      interval: sender.interval)
    rules.note([sender.host], evidence, at: time)
  }

  /// As `HeartbeatGate` judges, as far as a proof that was made tells.
  private func standing(
    of stamp: Heartbeat.Stamp, every interval: Int64, _ proof: Proof?, received: Int64
  ) -> HeartbeatGate.Standing {
    guard proof?.isAuthentic == true else { return .current }
    let sent = liveness.sentMicroseconds(stamp)
    return Freshness(sent: sent, now: received / 1000, every: interval) == .fresh ? .current : .late
  }

  /// This host says these readings and no others.
  mutating func say(_ readings: [Reading], as name: HostName, at time: Int64) {
    advance(to: time)
    facts.say(readings, as: name, at: time)
    rules.note([name], evidence, at: time)
  }

  /// A peer is in a state whatever is heard of it; nil for what is heard.
  mutating func appear(_ subject: PeerSubject, as finding: PeerFinding?, at time: Int64) {
    advance(to: time)
    appearances[subject] = finding
    rules.notePeers(evidence, at: time)
  }

  // MARK: Time

  /// Has everything happen that comes before a time.
  mutating func advance(to time: Int64) {
    let end = min(time, looked + Self.longestWatch)
    while case let next = nextLook, next < end { look(at: next) }
    if end < time { look(at: time - 1) }
    rules.advance(to: time, evidence)
  }

  /// The same with what comes at that time.
  mutating func advance(through time: Int64) {
    advance(to: time)
    if nextLook <= time { look(at: time) }
    rules.advance(through: time, evidence)
  }

  private var nextLook: Int64 {
    min(ticked + Self.tick, max(liveness.nextDeadline ?? .max, looked + Self.leastTick))
  }

  /// Judges peers, and forgets hosts that are gone, as the daemon does about once a second.
  private mutating func look(at time: Int64) {
    let isTick = time - ticked >= Self.tick
    looked = time
    if isTick { ticked = time }
    liveness.emptied(at: time)
    let judgement = liveness.judge(now: time, limit: .max)
    if isTick {
      facts.forget(at: time, notAmong: liveness)
      let changed = facts.takeChanges(at: time, limit: .max).map(\.host)
      if !changed.isEmpty { rules.note(changed, evidence, at: time) }
    }
    if asksForPeers, isTick || !judgement.events.isEmpty || !judgement.forgotten.isEmpty {
      rules.notePeers(evidence, at: time)
    }
  }

  // MARK: What follows

  /// Changes of rules since the last call.
  mutating func takeTransitions() -> [RuleTransition] { rules.takeTransitions() }

  /// A rule as it is.
  func report(of rule: RuleName) -> RuleReport? { rules.reports(evidence).first { $0.rule.name == rule } }
}

/// What rules are decided by in a rehearsal.
private struct Evidence: RuleEvidence {
  let known: Facts
  let liveness: GroupLiveness
  let appearances: [PeerSubject: PeerFinding]

  func facts(of host: HostName) -> HostFacts? { known.facts(of: host) }
  var ownName: HostName? { known.ownName }
  var names: [HostName] { known.knownNames }

  func peer(_ subject: PeerSubject) -> PeerFinding? {
    appearances[subject] ?? PeerFinding(liveness.interfaces.reports(of: subject))
  }

  var peerNames: [HostName] {
    var names = Set(appearances.keys.compactMap(\.name))
    liveness.interfaces.forEachPeer { if let name = $0.name { names.insert(name) } }
    return Array(names)
  }
}
