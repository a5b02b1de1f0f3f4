// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Platform

/// The peers of all interfaces, a table for each: what happens to one interface, that it is lost or that its
/// network is silent, says nothing of the peers on another. A pure value; times are monotonic nanoseconds,
/// interfaces go by their number in `InterfaceNames`.
package struct PeerInterfaces {

  package private(set) var names: InterfaceNames
  /// By number; nil where nobody was listened to.
  private var tables: [PeerTable<PeerID>?] = []
  private var capacity: Int
  /// Since when so much is dropped that nobody can be judged; nil while it is not.
  private var suspendedSince: Int64?
  package private(set) var expected: ExpectedPeers

  /// - Parameters:
  ///   - capacity: `peers.max`, for all interfaces together.
  ///   - expected: `peers.expected`.
  package init(capacity: Int, expected: ExpectedPeers = ExpectedPeers()) {
    self.capacity = capacity
    self.expected = expected
    names = InterfaceNames()
  }

  /// What the process before left.
  package init(
    restoring snapshots: [Int: PeerSnapshot<PeerID>], names: InterfaceNames, capacity: Int,
    expected: ExpectedPeers = ExpectedPeers(), at now: Int64,
    isGapless: Bool
  ) {
    self.init(capacity: capacity, expected: expected)
    self.names = names
    for (number, snapshot) in snapshots where 0..<names.count ~= number {
      reserve(number)
      tables[number] = PeerTable(restoring: snapshot, capacity: capacity, at: now, isGapless: isGapless)
    }
    share(now: now)
    setExpected(expected)
  }

  package mutating func number(of name: String) -> Int32 { names.number(of: name) }

  // MARK: Interfaces

  /// The group is joined on these and no others.
  ///
  /// - Parameter awaited: the names of those that are used when they are there; nil for any.
  /// - Returns: whoever is not wanted any more.
  package mutating func listen(on present: Set<Int32>, awaited: Set<String>?, now: Int64) -> [PeerID] {
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
        tables[number]?.suspend(.interfaceGone, since: now)
      }
    }
    share(now: now)
    return unwanted
  }

  /// Which of the interfaces have no carrier.
  package mutating func setWithoutCarrier(_ interfaces: Set<Int32>, now: Int64) {
    for number in tables.indices {
      if interfaces.contains(Int32(number)) {
        tables[number]?.suspend(.noCarrier, since: now)
      } else {
        tables[number]?.resume(.noCarrier, at: now)
      }
    }
  }

  /// - Returns: whoever was there.
  package mutating func forgetAll() -> [PeerID] {
    tables.indices.flatMap { number in
      let gone = ids(number)
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

  /// - Returns: those to which it applied.
  package mutating func forget(where isUnwanted: (PeerID) -> Bool) -> [PeerID] {
    tables.indices.flatMap { number in
      let gone = ids(number).filter(isUnwanted)
      if !gone.isEmpty { tables[number]?.forget(where: isUnwanted) }
      return gone
    }
  }

  package mutating func resize(_ capacity: Int, now: Int64) {
    self.capacity = capacity
    share(now: now)
  }

  /// Another list of peers that are expected.
  package mutating func setExpected(_ new: ExpectedPeers) {
    expected = new
    for number in tables.indices {
      let ids = expectedIDs(number)
      tables[number]?.expect(ids)
    }
  }

  /// `peers.max` is for all together: each table may have what the others leave. One whose newcomers find no
  /// place takes it from the newcomers of another, so that a flood on one interface fills no other's places.
  package mutating func share(now: Int64) {
    for number in tables.indices where tables[number]?.asksForRoom == true {
      tables[number]?.forgetRequest()
      for other in tables.indices where other != number {
        if tables[other]?.evictNewcomer(at: now) == true { break }
      }
    }
    let total = tables.reduce(0) { $0 + ($1?.counts.total ?? 0) }
    for number in tables.indices {
      guard let own = tables[number]?.counts.total else { continue }
      tables[number]?.capacity = max(1, capacity - (total - own))
      tables[number]?.mayAskForRoom = own < total
    }
  }

  private mutating func reserve(_ number: Int) {
    while tables.count <= number { tables.append(nil) }
  }

  private func newTable(_ number: Int) -> PeerTable<PeerID> {
    var table = PeerTable<PeerID>(capacity: capacity)
    table.expect(expectedIDs(number))
    if let suspendedSince { table.suspend(.verdictsSuspended, since: suspendedSince) }
    return table
  }

  private func expectedIDs(_ number: Int) -> Set<PeerID> {
    Set(expected.addresses.map { PeerID(address: $0, interface: Int32(number)) })
  }

  private mutating func drop(_ number: Int) -> [PeerID] {
    defer { tables[number] = nil }
    return ids(number)
  }

  private func ids(_ number: Int) -> [PeerID] {
    var ids: [PeerID] = []
    tables[number]?.forEachPeer { ids.append($0.id) }
    return ids
  }

  // MARK: Beats and verdicts

  @inline(__always)
  package mutating func heard(_ beat: HeartbeatArrival, from id: PeerID) {
    tables[Int(id.interface)]?.heard(beat, from: id)
  }

  @inline(__always)
  package mutating func heardOther(from id: PeerID, at arrival: Int64) {
    tables[Int(id.interface)]?.heardOther(from: id, at: arrival)
  }

  /// - Parameter read: datagrams read from the socket meanwhile, whatever they were.
  package mutating func noteKernelDrops(_ dropped: Int, read: Int, from start: Int64, to end: Int64) {
    for number in tables.indices {
      tables[number]?.noteKernelDrops(dropped, read: read, from: start, to: end)
    }
  }

  /// So much is dropped, or was, that nobody can be judged.
  package mutating func note(_ change: DropShare.Change, since: Int64, now: Int64) {
    suspendedSince = if case .suspended = change { since } else { nil }
    for number in tables.indices {
      switch change {
      case .suspended: tables[number]?.suspend(.verdictsSuspended, since: since)
      case .resumed: tables[number]?.resume(.verdictsSuspended, at: now)
      }
    }
  }

  /// Our own heartbeats are heard again after several that were not: nobody could be heard meanwhile, unless
  /// somebody was.
  package mutating func noteOutage(on interface: Int32, from start: Int64, to end: Int64) {
    let latest = table(interface)?.latestHeard ?? .min
    tables[Int(interface)]?.noteOutage(from: max(start, latest), to: end)
  }

  /// Judges as of a moment up to which everything has been heard.
  ///
  /// - Parameter own: whether our own heartbeats come back.
  /// - Returns: who is not asked for any more.
  package mutating func judge(at moment: Int64, now: Int64, own: SelfTest = SelfTest()) -> [PeerID] {
    var unwanted: [PeerID] = []
    for number in tables.indices where tables[number] != nil {
      noteOwn(own, number, now: now)
      tables[number]?.judge(at: moment, hearsItself: !own.isDoubtful(on: Int32(number)))
      if let since = tables[number]?.impediments[.interfaceGone], now - since > LivenessRule.forgottenAfter {
        unwanted += drop(number)
      }
    }
    judgeExpected(now: now)
    return unwanted
  }

  /// Who is expected and was not heard yet.
  package mutating func judgeExpected(now: Int64) {
    let canHear = tables.contains { $0?.impediments.isEmpty ?? false }
    let known = Set(expected.addresses.filter { !reports(of: $0).isEmpty })
    expected.judge(at: now, canHear: canHear, isKnown: known.contains)
  }

  /// Where nobody is heard, our own heartbeats least of all, it is this host.
  private mutating func noteOwn(_ own: SelfTest, _ number: Int, now: Int64) {
    guard let since = own.missingSince(on: Int32(number)) else {
      tables[number]?.resume(.ownBeatsNotHeard, at: now)
      return
    }
    let latest = tables[number]?.latestHeard ?? 0
    if now - latest > LivenessRule.hostUnheardAfter {
      tables[number]?.suspend(.ownBeatsNotHeard, since: max(since, latest))
    }
  }

  /// What there is to say since the last call.
  ///
  /// - Parameter limit: of how many peers at most.
  package mutating func takeEvents(limit: Int = .max) -> [PeerEvent<PeerID>] {
    var events: [PeerEvent<PeerID>] = []
    for number in tables.indices where tables[number]?.hasEvents == true {
      events += tables[number]?.takeEvents(limit: max(1, limit - events.count)) ?? []
    }
    return events
  }

  /// Expected peers that became silent without ever having been heard, since the last call.
  package mutating func takeMissing() -> [IPAddress] { expected.takeNews() }

  package var hasEvents: Bool { tables.contains { $0?.hasEvents ?? false } }

  /// When to judge next.
  package var nextDeadline: Int64? { tables.compactMap { $0?.nextDeadline }.min() }

  // MARK: Reading

  /// Expected peers that were never heard included.
  package var counts: PeerCounts {
    tables.reduce(expected.counts) { sum, table in table.map { sum + $0.counts } ?? sum }
  }

  package func counts(on interface: Int32) -> PeerCounts { table(interface)?.counts ?? PeerCounts() }

  /// The interfaces on which all peers fell silent together.
  package var networkSilent: [Int32] {
    tables.indices.filter { tables[$0]?.isNetworkSilent ?? false }.map(Int32.init)
  }

  /// What keeps peers from being judged, where, and since when.
  package var impediments: [(impediment: Impediment, interface: Int32, since: Int64)] {
    tables.indices.flatMap { number in
      (tables[number]?.impediments ?? [:]).map { ($0.key, Int32(number), $0.value) }
    }
  }

  package func report(of id: PeerID) -> PeerReport<PeerID>? { table(id.interface)?.report(of: id) }

  /// An address as a peer on each interface.
  package func reports(of address: IPAddress) -> [PeerReport<PeerID>] {
    tables.indices.compactMap { report(of: PeerID(address: address, interface: Int32($0))) }
  }

  package func forEachPeer(_ body: (PeerReport<PeerID>) -> Void) {
    for table in tables { table?.forEachPeer(body) }
  }

  /// Where a reading of all peers in slices has come to.
  package struct Place: Sendable {
    fileprivate var table = 0
    fileprivate var slot = 0

    package init() {}
    fileprivate init(table: Int, slot: Int) {
      self.table = table
      self.slot = slot
    }
  }

  /// A slice of the peers. A peer that stays in the table from the first slice to the last is in one of them.
  ///
  /// - Parameter limit: how many places to look at.
  /// - Returns: the peers, and where to go on; nil at the end.
  package func reports(from place: Place, limit: Int) -> (reports: [PeerReport<PeerID>], rest: Place?) {
    guard tables.indices.contains(place.table) else { return ([], nil) }
    guard let table = tables[place.table], place.slot < table.slotCount else {
      return ([], Place(table: place.table + 1, slot: 0))
    }
    let end = min(table.slotCount, place.slot + limit)
    return (table.reports(inSlots: place.slot..<end), Place(table: place.table, slot: end))
  }

  /// What an heir needs.
  package func snapshots(at now: Int64) -> [Int: PeerSnapshot<PeerID>] {
    var snapshots: [Int: PeerSnapshot<PeerID>] = [:]
    for number in tables.indices { snapshots[number] = tables[number]?.snapshot(at: now) }
    return snapshots
  }

  private func table(_ interface: Int32) -> PeerTable<PeerID>? {
    tables.indices.contains(Int(interface)) ? tables[Int(interface)] : nil
  }
}
