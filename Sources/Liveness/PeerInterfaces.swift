// SPDX-License-Identifier: Apache-2.0

import Platform

/// The peer tables of all interfaces, which share one capacity. Each network is judged by itself: that an
/// interface is lost, or its network silent, says nothing of the peers on another.
///
/// A pure value. Times are in nanoseconds of CLOCK_MONOTONIC, interfaces go by their number in
/// `InterfaceNames`.
package struct PeerInterfaces: Sendable {
  /// The names of the interfaces.
  package private(set) var names = InterfaceNames()
  /// By number; nil where the group was never joined.
  private(set) var tables: [PeerTable<PeerID>?] = []
  /// What the tables share.
  private(set) var shares: TableShares
  /// `peers.expected`, on whichever interface they are heard.
  private var expected: Set<PeerSubject> = []
  /// The highest `PeerID.via` that was heard.
  private(set) var highestVia: UInt8 = 1
  /// Since when so much is dropped that no peer can be judged; nil while it is not.
  private var suspendedSince: Int64?
  /// Whether there may be something to tell; false once there was not, until something changes.
  private var mayHaveEvents = true
  private let hash: @Sendable (PeerID) -> UInt64
  /// When the previous process stored the peers; nil without one.
  private(set) var storedAt: Int64?
  /// `PeerSnapshot.lead` of then.
  private(set) var storedLead: Int64?
  /// The same where its socket was kept and nothing read after that; nil from the first judgement on.
  private var unjudgedSince: Int64?

  /// No interfaces.
  ///
  /// - Parameters:
  ///   - capacity: `peers.max`, for all interfaces together.
  ///   - hash: As of `PeerTable`.
  package init(capacity: Int, hash: @escaping @Sendable (PeerID) -> UInt64 = PeerID.seededHash) {
    shares = TableShares(capacity: capacity)
    self.hash = hash
  }

  /// The tables of the previous process.
  ///
  /// - Parameters:
  ///   - snapshots: By interface, as `names` numbers them; others are left out.
  ///   - capacity: `peers.max`.
  ///   - expected: How many peers are expected, which have places besides.
  ///   - isGapless: Whether the socket was kept, so that beats waited in it.
  ///   - isComplete: As of `PeerTable`.
  ///   - hash: As of `PeerTable`.
  package init(
    restoring snapshots: [Int: PeerSnapshot<PeerID>], names: InterfaceNames, capacity: Int,
    expected: Int = 0, at now: Int64, isGapless: Bool, isComplete: Bool = true,
    hash: @escaping @Sendable (PeerID) -> UInt64 = PeerID.seededHash
  ) {
    self.init(capacity: capacity, hash: hash)
    self.names = names
    for (number, snapshot) in snapshots where Int32(exactly: number).map(names.isFree) == false {
      reserve(number)
      tables[number] = PeerTable(
        restoring: snapshot, capacity: capacity + expected, at: now, isGapless: isGapless,
        isComplete: isComplete, hash: hash)
      if 0...now ~= snapshot.takenAt { storedAt = min(storedAt ?? .max, snapshot.takenAt) }
      storedLead = storedLead ?? snapshot.lead
    }
    if isGapless { unjudgedSince = storedAt }
    divide(now: now)
  }

  /// The number of an interface's name, a new one where it has none.
  mutating func number(of name: String) -> Int32 { names.number(of: name) }

  /// Frees the numbers of names that have no table of peers.
  ///
  /// - Parameter used: Numbers that are used otherwise.
  mutating func releaseNames(except used: Set<Int32>, now: Int64) {
    names.release(now: now) { number in
      used.contains(number) || (tables.indices.contains(Int(number)) && tables[Int(number)] != nil)
    }
  }

  // MARK: Interfaces

  /// The group is joined on these and no others.
  ///
  /// - Parameter awaited: The names of those that are used when they are there; nil for any.
  /// - Returns: The peers that are removed without an event.
  mutating func listen(on present: Set<Int32>, awaited: Set<String>?, now: Int64) -> [PeerID] {
    for number in present {
      reserve(Int(number))
      if tables[Int(number)] == nil { tables[Int(number)] = newTable(Int(number)) }
      tables[Int(number)]?.resume(.interfaceGone, at: now)
    }
    var unwanted: [PeerID] = []
    for number in tables.indices where !present.contains(Int32(number)) {
      if let awaited, !awaited.contains(names.name(of: Int32(number))) {
        unwanted += drop(number)
      } else {
        // It may have been lost at any time since the previous process was there.
        tables[number]?.suspend(.interfaceGone, since: unjudgedSince ?? now)
      }
    }
    divide(now: now)
    return unwanted
  }

  /// Suspends judgement where there is no carrier, and resumes it elsewhere.
  mutating func setWithoutCarrier(_ interfaces: Set<Int32>, now: Int64) {
    for number in tables.indices {
      if interfaces.contains(Int32(number)) {
        tables[number]?.suspend(.noCarrier, since: unjudgedSince ?? now)
      } else {
        tables[number]?.resume(.noCarrier, at: now)
      }
    }
  }

  /// Removes all peers without an event; the impediments stay.
  ///
  /// - Returns: The peers that are removed.
  mutating func forgetAll() -> [PeerID] {
    shares.isDue = true
    return tables.indices.flatMap { number in
      let gone = ids(number) + departed(number)
      if let old = tables[number] {
        var table = newTable(number)
        for (impediment, since) in old.impediments where impediment != .networkSilent {
          table.suspend(impediment, since: since)
        }
        tables[number] = table
      }
      return gone
    }
  }

  /// Removes peers without an event.
  ///
  /// - Returns: The peers that are removed.
  mutating func forget(where isUnwanted: (PeerReport<PeerID>) -> Bool) -> [PeerID] {
    shares.isDue = true
    return tables.indices.flatMap { number in
      var gone: [PeerID] = []
      tables[number]?.forEachPeer { if isUnwanted($0) { gone.append($0.id) } }
      if !gone.isEmpty { tables[number]?.forget(where: isUnwanted) }
      return gone
    }
  }

  /// Changes `peers.max`.
  mutating func resize(_ capacity: Int, now: Int64) {
    shares.capacity = capacity
    divide(now: now)
  }

  /// Changes `peers.false-alarms`: all peers are reviewed, some in each judgement.
  package mutating func allow(_ falseAlarms: FalseAlarmRate, now: Int64) {
    shares.falseAlarms = falseAlarms
    divide(now: now)
  }

  /// Changes `peers.expected`: peers that have a place of their own and are never evicted.
  mutating func expect(_ subjects: [PeerSubject]) {
    expected = Set(subjects)
    let isExpected = isExpected
    for number in tables.indices { tables[number]?.expect(isExpected) }
  }

  /// A named peer is expected by its name, or by its address.
  private var isExpected: @Sendable (PeerID, IPAddress) -> Bool {
    { [expected] id, address in expected.contains(id.subject) || expected.contains(.address(address)) }
  }

  private mutating func divide(now: Int64) {
    if shares.divide(among: &tables, now: now) { mayHaveEvents = true }
  }

  /// Shares anew if peers came or went. Called for every batch of datagrams.
  mutating func share(now: Int64) { if shares.isDue { divide(now: now) } }

  private mutating func reserve(_ number: Int) {
    while tables.count <= number { tables.append(nil) }
  }

  private func newTable(_ number: Int) -> PeerTable<PeerID> {
    var table = PeerTable<PeerID>(capacity: shares.capacity, hash: hash)
    table.expect(isExpected)
    table.allow(shares.alarms)
    if let suspendedSince { table.suspend(.verdictsSuspended, since: suspendedSince) }
    return table
  }

  private mutating func drop(_ number: Int) -> [PeerID] {
    defer { tables[number] = nil }
    return ids(number) + departed(number)
  }

  /// Peers that are gone already, and of which nothing was told.
  private func departed(_ number: Int) -> [PeerID] { tables[number]?.departedIDs ?? [] }

  private func ids(_ number: Int) -> [PeerID] {
    var ids: [PeerID] = []
    tables[number]?.forEachPeer { ids.append($0.id) }
    return ids
  }

  // MARK: Beats and verdicts

  private mutating func noteChange() { (shares.isDue, mayHaveEvents) = (true, true) }

  /// The hash by which a peer is looked up.
  func hash(of id: PeerID) -> UInt64 { hash(id) }

  /// As of `PeerTable`.
  mutating func prefetchIndex(hash: UInt64, on interface: Int32) {
    tables[Int(interface)]?.prefetchIndex(hash: hash)
  }

  /// As of `PeerTable`.
  mutating func prefetchPeer(hash: UInt64, on interface: Int32) {
    tables[Int(interface)]?.prefetchPeer(hash: hash)
  }

  /// A heartbeat of a peer. Allocates nothing for a peer that is known.
  ///
  /// - Parameter hash: Of its identity, where it is known.
  mutating func heard(_ beat: HeartbeatArrival, from id: PeerID, hash: UInt64? = nil) {
    highestVia = max(highestVia, id.via)
    if tables[Int(id.interface)]?.heard(beat, from: id, hash: hash ?? self.hash(id)) == false { noteChange() }
  }

  /// A datagram that is no heartbeat.
  mutating func heardOther(from id: PeerID, at arrival: Int64) {
    tables[Int(id.interface)]?.heardOther(from: id, at: arrival)
  }

  /// Another sender uses the name of a peer; nothing where it is none.
  mutating func noteNamesake(of id: PeerID, at address: IPAddress) {
    if tables[Int(id.interface)]?.noteNamesake(of: id, at: address) == true { mayHaveEvents = true }
  }

  /// The kernel dropped datagrams between two times.
  ///
  /// - Parameter read: Datagrams of any kind that were read meanwhile.
  mutating func noteKernelDrops(_ dropped: Int, read: Int, from start: Int64, to end: Int64) {
    for number in tables.indices {
      tables[number]?.noteKernelDrops(dropped, read: read, from: start, to: end)
    }
  }

  /// Suspends judgement everywhere while the kernel drops too much, or resumes it.
  mutating func note(_ change: DropShare.Change, since: Int64, now: Int64) {
    suspendedSince = if case .suspended = change { since } else { nil }
    for number in tables.indices {
      switch change {
      case .suspended: tables[number]?.suspend(.verdictsSuspended, since: since)
      case .resumed: tables[number]?.resume(.verdictsSuspended, at: now)
      }
    }
  }

  /// Nothing was received between two times, or since the last beat of a peer within them.
  mutating func noteOutage(on interface: Int32, from start: Int64, to end: Int64) {
    let latest = tables[Int(interface)]?.latestHeard ?? .min
    tables[Int(interface)]?.noteOutage(from: max(start, latest), to: end)
  }

  /// Judges all peers.
  ///
  /// - Parameters:
  ///   - moment: Up to when everything that arrived was given.
  ///   - now: The present, for impediments.
  ///   - selfTest: Whether our own heartbeats come back.
  /// - Returns: The peers of interfaces that were gone for a day, removed without an event. One without peers
  ///   is not kept that long: each has half a megabyte for sources that were heard once.
  mutating func judge(at moment: Int64, now: Int64, selfTest: SelfTest) -> [PeerID] {
    unjudgedSince = nil
    noteChange()
    var unwanted: [PeerID] = []
    for number in tables.indices where tables[number] != nil {
      note(selfTest, number, now: now)
      tables[number]?.judge(at: moment, hearsItself: !selfTest.isDoubtful(on: Int32(number)))
      guard let since = tables[number]?.impediments[.interfaceGone] else { continue }
      let isEmpty = tables[number]?.counts == PeerCounts() && tables[number]?.hasEvents == false
      if now - since > (isEmpty ? LivenessRule.impedimentGrace : LivenessRule.forgottenAfter) {
        unwanted += drop(number)
      }
    }
    return unwanted
  }

  /// Suspends judgement where neither a peer nor our own heartbeats are heard: a fault of this host.
  private mutating func note(_ selfTest: SelfTest, _ number: Int, now: Int64) {
    guard let since = selfTest.missingSince(on: Int32(number)) else {
      tables[number]?.resume(.ownBeatsNotHeard, at: now)
      return
    }
    let latest = tables[number]?.latestHeard ?? 0
    if now - latest > LivenessRule.hostUnheardAfter {
      tables[number]?.suspend(.ownBeatsNotHeard, since: max(since, latest))
    }
  }

  /// The events since the last call, of one interface after the other.
  ///
  /// - Parameter limit: Of how many peers at most; the rest waits for the next call.
  mutating func takeEvents(limit: Int) -> [PeerEvent<PeerID>] {
    var events: [PeerEvent<PeerID>] = []
    for number in tables.indices where tables[number]?.hasEvents == true {
      events += tables[number]?.takeEvents(limit: max(1, limit - events.count)) ?? []
    }
    return events
  }

  /// Whether `takeEvents` has something to give. Asked after every read, and mutating as `divide` is.
  mutating func hasEvents() -> Bool {
    guard mayHaveEvents else { return false }
    var hasAny = false
    for number in tables.indices { tables[number]?.addEvents(to: &hasAny) }
    mayHaveEvents = hasAny
    return hasAny
  }

  /// When to judge next; nil if no peer is to be judged.
  var nextDeadline: Int64? { tables.compactMap { $0?.nextDeadline }.min() }
}
