// SPDX-License-Identifier: Apache-2.0

import Liveness
import Monitor
import Platform

/// Groups the events of peers into entries, and limits the rate of entries.
///
/// Events of one kind on one interface that follow one another within `gap` are one entry with a list. An
/// entry is complete after `gap` without another event, `longest` after its first, or at once when no other
/// peer is late. Beyond the rate limit events are only counted, because thousands of sources can be forged.
/// Peers that are not established have a limit of their own, so that a flood of them cannot suppress the
/// events of established peers. A pure value; time is passed in, in monotonic nanoseconds.
package struct EventRateLimiter: Sendable {
  /// Time without another event after which an entry is complete, in ns.
  static let gap: Int64 = 1_000_000_000
  /// Time from its first event after which an entry is complete, in ns.
  static let longest: Int64 = 3_000_000_000
  /// Peers kept for an entry, of established peers and of others.
  static let remembered = 256

  /// Entries at once, and a second, with an established peer.
  static let burst = 200.0
  static let rate = 1.0
  /// Entries at once, and a second, without one.
  static let newcomerBurst = 50.0
  static let newcomerRate = 0.1

  private enum Kind: Hashable, Sendable {
    case discovered
    case silent
    case back
    case left
    case contested
    case evicted
  }

  private struct Group: Sendable {
    var group: Endpoint
    var interface: String
    var kind: Kind
    var event: PeerEvent<PeerID>
    var began: Int64
    var due: Int64
    var count = 0
    var established: [PeerSubject] = []
    var newcomers: [PeerSubject] = []

    func contains(_ subject: PeerSubject) -> Bool {
      established.contains(subject) || newcomers.contains(subject)
    }

    mutating func add(_ peer: PeerReport<PeerID>) {
      let subject = peer.id.subject
      count += 1
      if peer.isEstablished {
        if established.count < EventRateLimiter.remembered { established.append(subject) }
      } else if newcomers.count < EventRateLimiter.remembered {
        newcomers.append(subject)
      }
    }

    var all: Event {
      .peer(
        count == 1
          ? .one(event, at: began, interface: interface)
          : .several(event, count: count, subjects: established + newcomers, interface: interface),
        group: group)
    }
  }

  /// In the order of their first events. Only the last one of a kind and interface is added to.
  private var groups: [Group] = []
  private var established = TokenBucket(rate: Self.rate, capacity: Self.burst, now: 0)
  private var newcomers = TokenBucket(rate: Self.newcomerRate, capacity: Self.newcomerBurst, now: 0)
  private var suppressed = SummaryPace()
  /// The group of the last one that was suppressed.
  private var suppressedGroup: Endpoint?

  package init() {}

  // MARK: Events

  /// Adds the event of a peer, if it is one that has an entry.
  ///
  /// - Parameter isAlone: Whether no other peer on that interface is about to do the same.
  package mutating func add(
    _ event: PeerEvent<PeerID>, of group: Endpoint, on interface: String, now: Int64, isAlone: Bool
  ) {
    guard let (kind, peer) = Self.subject(of: event) else { return }
    var place = groups.lastIndex { $0.kind == kind && $0.interface == interface && $0.group == group }
    if let again = place, groups[again].contains(peer.id.subject) {
      // A second event of the same peer begins another entry.
      groups[again].due = now
      place = nil
    }
    var entry =
      place.map { groups[$0] }
      ?? Group(group: group, interface: interface, kind: kind, event: event, began: now, due: now)
    entry.add(peer)
    entry.due = isAlone ? now : min(now + Self.gap, entry.began + Self.longest)
    if let place { groups[place] = entry } else { groups.append(entry) }
  }

  /// - Returns: nil for events without an entry about peers.
  private static func subject(of event: PeerEvent<PeerID>) -> (Kind, PeerReport<PeerID>)? {
    switch event {
    case .networkSilent, .networkHeard: nil
    // The impediment has an entry, instead of each peer.
    case .unknown, .known, .forgotten: nil
    // Its goodbye has an entry, and a restart is worth no second one.
    case .returned(let peer): peer.wasRestarted ? nil : (.back, peer)
    case .left(let peer): (.left, peer)
    case .contested(let peer, _): (.contested, peer)
    case .evicted(let peer): peer.isEstablished ? (.evicted, peer) : nil
    case .discovered(let peer): (.discovered, peer)
    case .silent(let peer): (.silent, peer)
    case .back(let peer): (.back, peer)
    }
  }

  // MARK: Entries

  /// The entries that are complete and within the rate limit, in the order of their first events.
  ///
  /// - Parameter isFinal: whether the others are complete as well.
  package mutating func take(now: Int64, isFinal: Bool) -> [Event] {
    let complete = groups.filter { isFinal || $0.due <= now }
    guard !complete.isEmpty else { return [] }
    groups.removeAll { isFinal || $0.due <= now }
    return complete.compactMap { group in
      let isAdmitted = group.established.isEmpty ? newcomers.take(now: now) : established.take(now: now)
      guard isAdmitted else {
        suppressed.add(UInt64(group.count), since: group.began, now: now)
        suppressedGroup = group.group
        return nil
      }
      return group.all
    }
  }

  /// When the next entry is complete, in monotonic ns.
  package var nextDue: Int64? { groups.map(\.due).min() }

  /// The number of suppressed events, when it is to be reported (`SummaryPace`).
  package mutating func takeSuppressed(now: Int64, isFinal: Bool) -> Event? {
    guard let group = suppressedGroup, let summary = suppressed.take(now: now, isFinal: isFinal) else {
      return nil
    }
    return .peer(.suppressed(summary), group: group)
  }
}
