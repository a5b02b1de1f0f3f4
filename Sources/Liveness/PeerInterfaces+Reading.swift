// SPDX-License-Identifier: Apache-2.0

import Platform

// What is known of the peers, read without changing it.
extension PeerInterfaces {
  /// How many peers there are on all interfaces.
  package var counts: PeerCounts { tables.reduce(PeerCounts()) { $0 + ($1?.counts ?? PeerCounts()) } }

  /// How many peers there are on an interface.
  package func counts(on interface: Int32) -> PeerCounts { table(interface)?.counts ?? PeerCounts() }

  /// Whether the group is joined, and peers can be judged, on any interface.
  var canHear: Bool { tables.contains { $0?.impediments.isEmpty ?? false } }

  /// The interfaces on which all peers fell silent together.
  package var networkSilent: [Int32] {
    tables.indices.filter { tables[$0]?.isNetworkSilent ?? false }.map(Int32.init)
  }

  /// What keeps peers from being judged, where, and since when.
  var impediments: [(impediment: Impediment, interface: Int32, since: Int64)] {
    tables.indices.flatMap { number in
      (tables[number]?.impediments ?? [:]).map { ($0.key, Int32(number), $0.value) }
    }
  }

  /// Peers that fit in a processor's own cache, where looking ahead costs more than it saves.
  private static let fewPeers = 2048

  /// Whether a batch is to be looked ahead at.
  var isWorthLookingAhead: Bool { shares.total > Self.fewPeers }

  /// A peer; nil if there is none.
  package func report(of id: PeerID) -> PeerReport<PeerID>? { table(id.interface)?.report(of: id) }

  /// The peers that are known by an address, at most one an interface, or by a name.
  package func reports(of subject: PeerSubject) -> [PeerReport<PeerID>] {
    let vias = subject.name == nil ? 1...1 : 1...highestVia
    return tables.indices.flatMap { number in
      vias.compactMap { report(of: PeerID(subject, interface: Int32(number), via: $0)) }
    }
  }

  /// How many beats of a peer may be missing, and why; nil if there is no such peer.
  package func explanation(of id: PeerID) -> Patience.Explanation? {
    table(id.interface)?.explanation(of: id)
  }

  /// How many false alarms are allowed, and among how many peers they are divided.
  package var allowed: (rate: FalseAlarmRate, peers: Int) { (shares.falseAlarms, shares.divisor) }

  /// Those of the peers that the configuration names that are in a table, by name or address.
  func known(of expected: [PeerSubject]) -> Set<PeerSubject> {
    var known: Set<PeerSubject> = []
    for table in tables {
      for (id, address) in table?.expected ?? [] { known.formUnion([id.subject, .address(address)]) }
    }
    return known.intersection(expected)
  }

  /// All peers, in no order.
  package func forEachPeer(_ body: (PeerReport<PeerID>) -> Void) {
    for table in tables { table?.forEachPeer(body) }
  }

  /// Where a reading of all peers in slices has come to.
  package struct Place: Sendable {
    fileprivate var table = 0
    fileprivate var slot = 0

    /// The beginning.
    package init() {}
  }

  /// A slice of the peers. A peer that stays in the table from the first slice to the last is in one of them.
  ///
  /// - Parameter limit: How many places to look at.
  /// - Returns: The peers, and where to go on; nil at the end.
  package func reports(from place: Place, limit: Int) -> (reports: [PeerReport<PeerID>], rest: Place?) {
    guard tables.indices.contains(place.table) else { return ([], nil) }
    var rest = place
    guard let table = tables[place.table], place.slot < table.slotCount else {
      (rest.table, rest.slot) = (place.table + 1, 0)
      return ([], rest)
    }
    rest.slot = min(table.slotCount, place.slot + limit)
    return (table.reports(inSlots: place.slot..<rest.slot), rest)
  }

  /// State handed to the next process, by interface number.
  package func snapshots(at now: Int64) -> [Int: PeerSnapshot<PeerID>] {
    var snapshots: [Int: PeerSnapshot<PeerID>] = [:]
    for number in tables.indices { snapshots[number] = tables[number]?.snapshot(at: now) }
    return snapshots
  }

  private func table(_ interface: Int32) -> PeerTable<PeerID>? {
    tables.indices.contains(Int(interface)) ? tables[Int(interface)] : nil
  }
}
