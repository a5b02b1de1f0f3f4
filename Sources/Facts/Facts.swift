// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Liveness
import Platform

/// What the hosts of the group say, and how far it can be relied on. By name: a host without one says
/// nothing.
///
/// A pure value that reads no clock. Times are in nanoseconds of CLOCK_MONOTONIC.
package struct Facts: Sendable {
  /// How many heartbeats with other readings than before are read at once, and a second, of all hosts: a
  /// thousand hosts that see a power failure, or a flood. What is not read is not believed either: it gets
  /// stale.
  private static let readAtOnce = 4096.0
  private static let readRate = 4096.0

  /// `peers.max`.
  private var capacity: Int
  private var hosts: [HostName: HostFacts] = [:]
  /// This host's own name and readings, and the runs of its heartbeats, this one and those before.
  private var own: (name: HostName, facts: HostFacts, runs: [UInt64])?
  private var reads: TokenBucket
  /// Hosts whose readings are something else than was told, in the order in which they changed.
  private var changed: [HostName] = []
  private var isChanged: Set<HostName> = []
  /// Hosts of which anything may be otherwise since `takeUnjudged`; nil where nobody asks.
  private var unjudged: Set<HostName>?
  /// No reading gets stale or certain before this.
  private var nextReview = Int64.max

  /// - Parameter capacity: `peers.max`.
  package init(capacity: Int, at now: Int64) {
    self.capacity = capacity
    reads = TokenBucket(rate: Self.readRate, capacity: Self.readAtOnce, now: now)
  }

  // MARK: Hearing

  /// Whether a host's readings are known, so that each heartbeat of it counts.
  package func isKnown(_ host: HostName) -> Bool { hosts[host] != nil || own?.name == host }

  /// Whether there is room for another host.
  package var hasRoom: Bool { hosts.count < capacity }

  /// A heartbeat of a host with a name, of a peer. Allocates nothing where it says the same as before.
  ///
  /// - Parameters:
  ///   - payload: The whole datagram.
  ///   - outline: Of it.
  ///   - proof: What it proves; nil where nothing has to be proved.
  ///   - standing: Whether it says what its host says now; `current` where that is not judged.
  ///   - arrival: When it arrived.
  ///   - interval: Of the host's heartbeats; nil where it is not known.
  /// - Returns: Whether what is known of the host may be something else, or worth something else.
  @discardableResult
  package mutating func hear(
    _ payload: UnsafeRawBufferPointer, _ outline: Heartbeat.Outline, from address: IPAddress, proof: Proof?,
    _ standing: HeartbeatGate.Standing, arrival: Int64, interval: Int64?
  ) -> Bool {
    guard let said = outline.said, let host = said.host else { return false }
    let saying = HostFacts.Saying(
      said: said, text: UnsafeRawBufferPointer(rebasing: payload[outline.readings]), address: address,
      proof: proof, arrival: arrival, interval: interval ?? HostFacts.assumedInterval)
    if let own, own.name == host {
      // What is forged is nobody's, and what is of our runs somebody sent again.
      guard !saying.isDoubtful, !own.runs.contains(said.run) else { return false }
      self.own?.facts.noteNamesake(at: arrival, every: saying.interval)
      noteChange(of: host, self.own?.facts, at: arrival)
      return true
    }
    switch standing {
    case .current: break
    case .late: return false
    case .namesake:
      guard hosts[host] != nil else { return false }
      hosts[host]?.noteNamesake(at: arrival, every: saying.interval)
      noteChange(of: host, hosts[host], at: arrival)
      return true
    }
    if hosts[host] == nil {
      guard hasRoom, !saying.text.isEmpty else { return false }
      hosts[host] = HostFacts(at: arrival)
    }
    switch hosts[host]?.note(saying) {
    case nil, .nothing: return false
    case .worth: break
    case .readings:
      guard reads.take(now: arrival, leaving: saying.reserve(of: Self.readAtOnce)) else { return false }
      hosts[host]?.replace(by: Heartbeat(payload)?.readings ?? [], saying)
    }
    noteChange(of: host, hosts[host], at: arrival)
    return true
  }

  /// What this host says from now on.
  ///
  /// - Parameters:
  ///   - name: Nil for a host without a name, which says nothing.
  ///   - runs: Of its heartbeats, as far as any may be sent again.
  package mutating func say(
    _ readings: [Reading], as name: HostName?, runs: [UInt64] = [], at now: Int64
  ) {
    if let own, own.name != name {
      // Told as what is not said any more.
      hosts[own.name] = own.facts
      forget(own.name, at: now)
      self.own = nil
    }
    guard let name else { return }
    // Until now somebody else's: what was told of it is not so any more.
    if own == nil {
      own = (name, hosts.removeValue(forKey: name) ?? HostFacts(at: now), runs)
      own?.facts.beginOwn()
    }
    own?.runs = runs
    own?.facts.say(readings, at: now)
    noteChange(of: name)
  }

  // MARK: Forgetting

  private mutating func forget(_ host: HostName, at now: Int64) {
    hosts[host]?.forget(at: now)
    noteChange(of: host)
  }

  /// Changes `peers.max`.
  package mutating func resize(_ capacity: Int, at now: Int64) {
    self.capacity = capacity
    guard hosts.count > capacity else { return }
    for (host, _) in hosts.sorted(by: { $0.value.heard > $1.value.heard }).dropFirst(capacity) {
      forget(host, at: now)
    }
  }

  /// Forgets what all hosts said but this one: another group is listened to.
  package mutating func forgetAll(at now: Int64) {
    for host in hosts.keys { forget(host, at: now) }
  }

  /// Forgets hosts that are no peers, once they are not heard any more or others need the room; to be called
  /// about once a second.
  package mutating func forget(at now: Int64, unless isPeer: (HostName) -> Bool) {
    let isFull = !hasRoom
    for (host, facts) in hosts where (isFull || !facts.isFresh(at: now)) && !isPeer(host) {
      forget(host, at: now)
    }
  }

  // MARK: Telling

  private mutating func noteChange(of host: HostName) {
    unjudged?.insert(host)
    if isChanged.insert(host).inserted { changed.append(host) }
  }

  private mutating func noteChange(of host: HostName, _ facts: HostFacts?, at time: Int64) {
    noteChange(of: host)
    review(facts, after: time)
  }

  private mutating func review(_ facts: HostFacts?, after time: Int64) {
    if let next = facts?.nextChange(after: time) { nextReview = min(nextReview, next) }
  }

  /// Whether `takeChanges` may have something to give that waits for no time.
  package var hasChanges: Bool { !changed.isEmpty }

  /// When readings may get stale or certain next; nil where none does.
  package var nextDeadline: Int64? { nextReview == .max ? nil : nextReview }

  /// What changed since the last call, a host each, in the order in which they changed.
  ///
  /// - Parameter limit: Of how many hosts at most; the rest waits for the next call.
  package mutating func takeChanges(at now: Int64, limit: Int) -> [HostChanges] {
    if now >= nextReview {
      nextReview = .max
      for (host, facts) in hosts {
        review(facts, after: now)
        if facts.mayHaveLapsed(at: now) { noteChange(of: host) }
      }
      if let own {
        review(own.facts, after: now)
        noteChange(of: own.name)
      }
    }
    var all: [HostChanges] = []
    let taken = changed.prefix(limit)
    for host in taken {
      isChanged.remove(host)
      if let changes = takeChanges(of: host, at: now) { all.append(changes) }
    }
    changed.removeFirst(taken.count)
    return all
  }

  private mutating func takeChanges(of host: HostName, at now: Int64) -> HostChanges? {
    let isOwn = own?.name == host
    defer { if !isOwn, hosts[host]?.isOver == true { hosts[host] = nil } }
    guard let changes = isOwn ? own?.facts.takeChanges(at: now) : hosts[host]?.takeChanges(at: now),
      !changes.isEmpty
    else { return nil }
    let facts = facts(of: host)
    let time = facts?.isFresh(at: now) == true ? min(facts?.heard ?? now, now) : now
    return HostChanges(host: host, address: facts?.address, time: time, changes: changes)
  }

  // MARK: Judging

  /// Whether somebody asks for hosts of which anything may be otherwise.
  package mutating func setJudged(_ isJudged: Bool) {
    unjudged = isJudged ? unjudged ?? [] : nil
  }

  /// Whether `takeUnjudged` has something to give.
  package var hasUnjudged: Bool { unjudged?.isEmpty == false }

  /// Hosts of which anything may be otherwise since the last call, but for what gets stale, in no order.
  package mutating func takeUnjudged() -> [HostName] {
    defer { unjudged?.removeAll(keepingCapacity: true) }
    return unjudged.map(Array.init) ?? []
  }

  /// This host's name; nil where it has none.
  package var ownName: HostName? { own?.name }

  // MARK: Reading

  /// How many hosts say something, or did so and are still heard of, this one not counted.
  package var hostCount: Int { hosts.count }

  /// The names of the hosts that say something, in no order, this one included.
  package var names: [HostName] {
    hosts.filter { !$0.value.isEmpty }.map(\.key) + (own.map { $0.facts.isEmpty ? [] : [$0.name] } ?? [])
  }

  /// The names of these and of those that said something, in no order.
  package var knownNames: [HostName] { Array(hosts.keys) + (own.map { [$0.name] } ?? []) }

  /// The readings of a host as they are now, in the order of their words.
  package func reports(of host: HostName, at now: Int64) -> [ReadingReport] {
    facts(of: host)?.reports(as: host, at: now) ?? []
  }

  /// How many readings of a host are known now.
  package func counts(of host: HostName, at now: Int64) -> ReadingCounts {
    facts(of: host)?.counts(at: now) ?? ReadingCounts()
  }

  /// What a host says, this one included, also where that is nothing any more; nil for one that never said
  /// anything, or is forgotten.
  package func facts(of host: HostName) -> HostFacts? { own?.name == host ? own?.facts : hosts[host] }
}
