// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Multicast

/// The peers of all interfaces, a table for each: what happens to one interface, that it is lost or that its network is
/// silent, says nothing of the peers on another. A pure value; times are monotonic nanoseconds, interfaces go by their
/// number in `InterfaceNames`.
struct PeerInterfaces {
  /// What there is to say, and on which interface.
  struct Event {
    var interface: Int32
    var event: PeerEvent<PeerID>
  }

  private struct Interface {
    var table: PeerTable<PeerID>
    /// Since when the group is not joined on it: nobody can be heard there, and nobody is judged.
    var deafSince: Int64?
    /// Up to when the deafness is in the table's account.
    var deafUntil: Int64 = 0
  }

  /// As for a peer: after a day on which its interface was not there nobody asks for it.
  private static let forgottenAfter: Int64 = 86_400 * 1_000_000_000

  private(set) var names: InterfaceNames
  /// By number; nil where nobody was listened to.
  private var interfaces: [Interface?] = []
  private var capacity: Int

  /// - Parameter capacity: `peers.max`, for all interfaces together.
  init(capacity: Int) {
    self.capacity = capacity
    names = InterfaceNames()
  }

  /// What the process before left.
  init(restoring kept: KeptPeers, capacity: Int, at now: Int64, isGapless: Bool) {
    self.capacity = capacity
    names = kept.names
    for (number, snapshot) in kept.snapshots where 0..<names.count ~= number {
      reserve(number)
      interfaces[number] = Interface(
        table: PeerTable(restoring: snapshot, capacity: capacity, at: now, isGapless: isGapless))
    }
    share()
  }

  mutating func number(of name: String) -> Int32 { names.number(of: name) }

  // MARK: Interfaces

  /// The group is joined on these and no others.
  ///
  /// - Parameter awaited: the names of those that are used when they are there; nil for any.
  /// - Returns: whoever is not wanted any more.
  mutating func listen(on present: Set<Int32>, awaited: Set<String>?, now: Int64) -> [PeerID] {
    for number in present {
      reserve(Int(number))
      if interfaces[Int(number)] == nil {
        interfaces[Int(number)] = Interface(table: PeerTable(capacity: capacity))
      }
      account(Int(number), now: now)
      interfaces[Int(number)]?.deafSince = nil
    }
    var unwanted: [PeerID] = []
    for number in interfaces.indices where !present.contains(Int32(number)) {
      if let awaited, !awaited.contains(names.name(of: Int32(number))) {
        unwanted += drop(number)
      } else if interfaces[number] != nil, interfaces[number]?.deafSince == nil {
        interfaces[number]?.deafSince = now
        interfaces[number]?.deafUntil = now
      }
    }
    share()
    return unwanted
  }

  /// - Returns: whoever was there.
  mutating func forgetAll() -> [PeerID] {
    interfaces.indices.flatMap { number in
      let gone = ids(number)
      if interfaces[number] != nil { interfaces[number]?.table = PeerTable(capacity: capacity) }
      return gone
    }
  }

  /// - Returns: those to which it applied.
  mutating func forget(where isUnwanted: (PeerID) -> Bool) -> [PeerID] {
    interfaces.indices.flatMap { number in
      let gone = ids(number).filter(isUnwanted)
      if !gone.isEmpty { interfaces[number]?.table.forget(where: isUnwanted) }
      return gone
    }
  }

  mutating func resize(_ capacity: Int) {
    self.capacity = capacity
    share()
  }

  /// `peers.max` is for all together: each table may have what the others leave.
  mutating func share() {
    let total = interfaces.reduce(0) { $0 + ($1?.table.counts.total ?? 0) }
    for number in interfaces.indices {
      guard let own = interfaces[number]?.table.counts.total else { continue }
      interfaces[number]?.table.capacity = max(1, capacity - (total - own))
    }
  }

  private mutating func reserve(_ number: Int) {
    while interfaces.count <= number { interfaces.append(nil) }
  }

  private mutating func drop(_ number: Int) -> [PeerID] {
    defer { interfaces[number] = nil }
    return ids(number)
  }

  private func ids(_ number: Int) -> [PeerID] {
    var ids: [PeerID] = []
    interfaces[number]?.table.forEachPeer { ids.append($0.id) }
    return ids
  }

  /// Tells a table up to when it was deaf.
  private mutating func account(_ number: Int, now: Int64) {
    guard let interface = interfaces[number], interface.deafSince != nil else { return }
    interfaces[number]?.table.noteDeafness(from: interface.deafUntil, to: now)
    interfaces[number]?.deafUntil = now
  }

  // MARK: Beats and verdicts

  @inline(__always)
  mutating func heard(_ beat: Beat, from id: PeerID) {
    interfaces[Int(id.interface)]?.table.heard(beat, from: id)
  }

  mutating func noteKernelDrops(_ dropped: Int, received: Int, from start: Int64, to end: Int64) {
    for number in interfaces.indices {
      interfaces[number]?.table.noteKernelDrops(dropped, received: received, from: start, to: end)
    }
  }

  /// Judges as of a moment up to which everything has been heard.
  ///
  /// - Returns: what there is to say, and who is not asked for any more.
  mutating func judge(at moment: Int64, now: Int64) -> (events: [Event], unwanted: [PeerID]) {
    var events: [Event] = []
    var unwanted: [PeerID] = []
    for number in interfaces.indices {
      if let deafSince = interfaces[number]?.deafSince {
        account(number, now: now)
        if now - deafSince > Self.forgottenAfter { unwanted += drop(number) }
      } else if let found = interfaces[number]?.table.judge(at: moment) {
        events += found.map { Event(interface: Int32(number), event: $0) }
      }
    }
    return (events, unwanted)
  }

  /// When to judge next.
  var nextDeadline: Int64? {
    interfaces.compactMap { $0?.deafSince == nil ? $0?.table.nextDeadline : nil }.min()
  }

  // MARK: Reading

  var counts: PeerCounts {
    interfaces.reduce(into: PeerCounts()) { sum, interface in
      guard let counts = interface?.table.counts else { return }
      sum.alive += counts.alive
      sum.late += counts.late
      sum.silent += counts.silent
      sum.refused += counts.refused
    }
  }

  func counts(on interface: Int32) -> PeerCounts { table(interface)?.counts ?? PeerCounts() }

  /// The interfaces on which all peers fell silent together.
  var networkSilent: [Int32] {
    interfaces.indices.filter { interfaces[$0]?.table.isNetworkSilent ?? false }.map(Int32.init)
  }

  /// Whether nobody can be heard on an interface, because the group is not joined there.
  func isDeaf(_ interface: Int32) -> Bool {
    interfaces.indices.contains(Int(interface)) && interfaces[Int(interface)]?.deafSince != nil
  }

  func report(of id: PeerID) -> PeerReport<PeerID>? { table(id.interface)?.report(of: id) }

  /// An address as a peer on each interface.
  func reports(of address: IPAddress) -> [PeerReport<PeerID>] {
    interfaces.indices.compactMap { report(of: PeerID(address: address, interface: Int32($0))) }
  }

  func forEachPeer(_ body: (PeerReport<PeerID>) -> Void) {
    for interface in interfaces { interface?.table.forEachPeer(body) }
  }

  /// What an heir needs.
  mutating func snapshots(at now: Int64) -> [Int: PeerSnapshot<PeerID>] {
    var snapshots: [Int: PeerSnapshot<PeerID>] = [:]
    for number in interfaces.indices {
      account(number, now: now)
      snapshots[number] = interfaces[number]?.table.snapshot(at: now)
    }
    return snapshots
  }

  private func table(_ interface: Int32) -> PeerTable<PeerID>? {
    interfaces.indices.contains(Int(interface)) ? interfaces[Int(interface)]?.table : nil
  }
}
