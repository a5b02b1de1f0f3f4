// SPDX-License-Identifier: Apache-2.0

import Facts
import Heartbeat
import Liveness
import Platform
import Rules

/// What mcastd knows of its group, and what it has to say of it: given what happened, it returns what is to
/// be done.
///
/// A pure value that reads no clock and no file, so that a run is replayed from its inputs. Times are in
/// nanoseconds of CLOCK_MONOTONIC unless said otherwise.
package struct Monitor: Sendable {
  /// Peers whose events are told at once. Each is a file and an entry: thousands at once, as forged sources
  /// would have it, must not keep the loop from the socket.
  private static let peersAtOnce = 100
  /// Time until the next of them are told, in nanoseconds.
  private static let untilNext: Int64 = 10_000_000

  /// Who is there.
  package private(set) var liveness: GroupLiveness
  /// What they say.
  package internal(set) var facts: Facts
  /// What is done about it.
  package internal(set) var rules: Rulebook
  private var configuration: Configuration
  /// What is done with heartbeats that are not authentic.
  var mode = AuthenticationMode.off
  /// Says which are; nil where the mode is off.
  var gate: HeartbeatGate?
  /// What was accepted before there was a gate.
  var acceptedBefore: AcceptedHeartbeats
  /// Those that are not, until they are told.
  var refusals = Refusals()
  /// Changes of the self-test that are not told yet.
  private var ownChanges: [SelfTest.Event] = []

  /// The group of the peers; nil where none is listened to.
  package var group: Endpoint? { configuration.group }
  /// Of our own heartbeats, in nanoseconds.
  var interval: Int64 { configuration.interval }

  /// Begins with what the previous process left, if it did.
  ///
  /// - Parameters:
  ///   - interfaces: None, or those of the previous process.
  ///   - accepted: Which authentic heartbeats it accepted; nil for none.
  ///   - rules: What it knew of rules.
  ///   - silent: Expected peers that it reported as silent without ever having heard them.
  ///   - realtime: CLOCK_REALTIME, in nanoseconds.
  ///   - isGapless: Whether the socket was kept, so that what waits in it may be older than `now`.
  ///   - hash: As of `PeerTable`, where no interfaces are given.
  package init(
    _ configuration: Configuration, restoring interfaces: PeerInterfaces? = nil,
    accepted: AcceptedHeartbeats? = nil, rules: [RuleName: RuleMachine.Stored] = [:],
    silent: [PeerSubject] = [],
    realtime: Int64, at now: Int64, isGapless: Bool,
    hash: @escaping @Sendable (PeerID) -> UInt64 = PeerID.seededHash
  ) {
    self.configuration = configuration
    facts = Facts(capacity: configuration.capacity, at: now)
    self.rules = Rulebook(at: now, restoring: rules)
    acceptedBefore = accepted ?? AcceptedHeartbeats(capacity: configuration.capacity)
    var interfaces = interfaces ?? PeerInterfaces(capacity: configuration.capacity, hash: hash)
    interfaces.allow(configuration.falseAlarms, now: now)
    liveness = GroupLiveness(
      interfaces,
      expected: ExpectedPeers(configuration.expected, interval: configuration.interval, silent: silent),
      realtime: realtime, at: now, isGapless: isGapless)
    liveness.setZoneOffset(configuration.zoneOffset)
  }

  /// Takes note of what happened.
  ///
  /// - Parameter now: Not earlier than at the call before.
  /// - Returns: What is to be done. A datagram brings nothing about before the next tick or deadline, and
  ///   allocates nothing.
  package mutating func handle(_ input: Input, at now: Int64) -> [Directive] {
    switch input {
    case .reading(let realtime): liveness.begin(realtime: realtime, now: now)
    case .datagram(let datagram): hear(datagram)
    case .read(let batch):
      liveness.noteRead(batch.count)
      if batch.isLast { liveness.emptied(at: now) } else { liveness.reached(stamp: batch.stamp) }
    case .drops(let count): liveness.noteDrops(count, now: now)
    case .joined(let memberships): return follow(memberships, now: now)
    case .expectsOwn(let interfaces): liveness.expectOwn(on: interfaces, now: now)
    case .sent(let heartbeats):
      for (interface, times) in heartbeats { liveness.noteSent(times, on: interface) }
    case .configured(let configuration): return apply(configuration, now: now)
    case .authenticated(let policy): apply(policy, at: now)
    case .says(let readings, let name, let runs):
      advanceRules(to: now)
      facts.say(readings, as: name, runs: runs, at: now)
      judgeRules(at: now)
    case .rules(let new, let entered):
      apply(new, entered: entered, at: now)
      return toldRules(looksAtPeers: false, now: now)
    case .tick(let zoneOffset):
      liveness.setZoneOffset(zoneOffset)
      let change = liveness.judgeDrops(now: now)
      advanceRules(to: now)
      forgetGoneHosts(now: now)
      return toldRefusals(now: now) + told(change) + judge(isTick: true, now: now)
    case .deadline: return judge(isTick: false, now: now)
    }
    return []
  }

  /// Begins to fetch what a datagram to come is looked up by, and returns its `Datagram.hash`.
  package mutating func lookAhead(to peer: PeerID) -> UInt64 { liveness.lookAhead(to: peer) }

  /// Begins to fetch what `handle` reads for a datagram to come.
  package mutating func prefetchPeer(hash: UInt64, on interface: Int32) {
    liveness.prefetchPeer(hash: hash, on: interface)
  }

  private mutating func hear(_ datagram: Datagram) {
    if isRefused(datagram) {
      guard datagram.standing == .namesake else { return }
      return liveness.heardNamesake(datagram.outline?.said, from: datagram.source, on: datagram.interface)
    }
    guard let outline = datagram.outline else {
      return liveness.heardOther(
        from: datagram.source.address, on: datagram.interface, received: datagram.received)
    }
    let change = liveness.heard(
      outline, from: datagram.source, on: datagram.interface, received: datagram.received, datagram.origin,
      proof: datagram.proof, hash: datagram.hash)
    if let change { ownChanges.append(change) }
  }

  // MARK: Interfaces and settings

  /// The number of an interface's name, a new one where it has none.
  package mutating func number(of name: String) -> Int32 { liveness.number(of: name) }

  /// Frees the numbers of interfaces that are gone for good; to be called before interfaces are numbered.
  ///
  /// - Parameter used: Numbers that are used elsewhere.
  package mutating func releaseNames(except used: Set<Int32>, now: Int64) {
    liveness.releaseNames(except: used.union(ownChanges.map(\.interface)), now: now)
  }

  private mutating func follow(_ memberships: Memberships, now: Int64) -> [Directive] {
    let removed = liveness.listen(on: memberships.interfaces, awaited: memberships.awaited, now: now)
    liveness.setWithoutCarrier(memberships.withoutCarrier, now: now)
    return told(removed: removed, of: configuration.group)
  }

  private mutating func apply(_ new: Configuration, now: Int64) -> [Directive] {
    advanceRules(to: now)
    let old = configuration
    configuration = new
    liveness.setZoneOffset(new.zoneOffset)
    liveness.configure(
      capacity: new.capacity, expected: new.expected, falseAlarms: new.falseAlarms, interval: new.interval,
      now: now)
    var removed: [PeerID] = []
    gate?.resize(new.capacity)
    facts.resize(new.capacity, at: now)
    acceptedBefore.resize(new.capacity)
    if new.group != old.group {
      removed = liveness.forgetAll()
      facts.forgetAll(at: now)
      // Its codes are over the group, and its numbers of other hosts.
      gate = nil
      acceptedBefore = AcceptedHeartbeats(capacity: new.capacity)
    } else if !new.sources.isEmpty {
      removed = liveness.forget { !new.sources.contains($0.address) }
    }
    return told(removed: removed, of: old.group) + toldExpected(of: new.group ?? old.group)
  }

  // MARK: Judging

  /// Whether something is to be told that waits for nothing but a tick or deadline.
  package mutating func hasNews() -> Bool {
    liveness.hasEvents() || !ownChanges.isEmpty || facts.hasChanges || rules.hasNews
  }

  private mutating func judge(isTick: Bool, now: Int64) -> [Directive] {
    advanceRules(to: now)
    guard let group = configuration.group else {
      return toldRules(looksAtPeers: true, now: now) + [.wake(at: rules.nextDeadline)]
    }
    var directives: [Directive] = []
    if let change = liveness.judgeOwn(now: now) { ownChanges.append(change) }
    for own in ownChanges {
      let change = ReceivingEvent.ownBeats(own.change, interface: name(own.interface))
      directives.append(.tell(.receiving(change, group: group)))
    }
    ownChanges = []
    let judgement = liveness.judge(now: now, limit: Self.peersAtOnce)
    for event in judgement.events {
      if case .discovered(let peer) = event { directives += told(removed: succeeded(by: peer), of: group) }
      directives.append(told(event, of: group, at: now))
      if case .discovered(let peer) = event, let other = liveness.namesake(of: peer) {
        directives.append(told(.contested(peer, by: other), of: group, at: now))
      }
      if let evidence = liveness.interfaces.membershipEvidence(of: event) {
        directives.append(.examine(evidence, interface: event.interface))
      }
    }
    directives += told(removed: judgement.forgotten, of: group)
    directives += toldExpected(of: group)
    let looksAtPeers = isTick || !judgement.events.isEmpty || !judgement.forgotten.isEmpty
    directives += toldReadings(of: group, now: now)
    directives += toldRules(looksAtPeers: looksAtPeers, now: now)
    let deadline = [liveness.nextDeadline, facts.nextDeadline, rules.nextDeadline].compactMap { $0 }.min()
    directives.append(.wake(at: hasNews() ? now + Self.untilNext : deadline))
    return directives
  }

  /// A host that gives itself a name is not heard under its address any more, and is not silent.
  ///
  /// - Returns: The peer by that address, which is removed; none where it is still heard.
  private mutating func succeeded(by peer: PeerReport<PeerID>) -> [PeerID] {
    guard peer.name != nil else { return [] }
    let former = PeerID(address: peer.address, interface: peer.id.interface)
    guard let old = liveness.interfaces.report(of: former), old.lastHeard < peer.firstHeard else { return [] }
    return liveness.forget { $0.id == former }
  }

  private func told(_ event: PeerEvent<PeerID>, of group: Endpoint, at now: Int64) -> Directive {
    .tell(.peer(.one(event, at: now, interface: name(event.interface)), group: group))
  }

  private func told(_ change: DropShare.Change?) -> [Directive] {
    guard let group = configuration.group, let change else { return [] }
    return [.tell(.receiving(.verdicts(change), group: group))]
  }

  private mutating func toldExpected(of group: Endpoint?) -> [Directive] {
    guard let group else { return [] }
    let changes = liveness.takeExpectedChanges()
    let others = changes.filter { $0.state != .silent }
    let silent = changes.filter { $0.state == .silent }.map(\.subject)
    let events: [PeerChange] =
      (others.isEmpty ? [] : [.expected(others)])
      + (silent.isEmpty ? [] : [.neverHeard(silent, waited: liveness.expected.patience)])
    return events.map { .tell(.peer($0, group: group)) }
  }

  private func told(removed: [PeerID], of group: Endpoint?) -> [Directive] {
    guard let group, !removed.isEmpty else { return [] }
    return [.tell(.peer(.removed(removed.map { ($0, interface: name($0.interface)) }), group: group))]
  }

  private func name(_ interface: Int32) -> String { liveness.names.name(of: interface) }
}
