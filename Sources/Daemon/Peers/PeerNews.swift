// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Journal
import Liveness
import Platform

/// Makes entries of what happens to peers: what happens to several within about a second is one entry with a
/// list.
///
/// Silence is told at once where no other peer is late, and everything else once nothing of its kind has
/// followed for a second, or three seconds after the first. Beyond a budget, entries are counted only:
/// sources can be forged by the thousand. Newcomers have a budget of their own, so that a flood of them takes
/// nothing from the peers that are followed. A pure value; time is passed in, in monotonic nanoseconds.
struct PeerNews {
  /// An entry: of one peer, with all that is known of it, or of several.
  struct Entry {
    /// The first.
    var event: PeerInterfaces.Event
    /// When that happened.
    var at: Int64
    /// How many peers.
    var count: Int
    /// Who, as far as they are remembered; those that are established come first.
    var addresses: [IPAddress]
  }

  /// After so long without another one an entry is complete, in nanoseconds.
  static let gap: Int64 = 1_000_000_000
  /// It waits no longer than this for another one.
  static let longest: Int64 = 3_000_000_000
  /// Addresses remembered of those that are established, and of newcomers.
  static let remembered = 256

  /// Entries at once, and a second, of peers that are followed.
  static let burst = 200.0
  static let rate = 1.0
  /// The same of newcomers.
  static let newcomerBurst = 50.0
  static let newcomerRate = 0.1

  private struct Bucket {
    let burst: Double
    let rate: Double
    var tokens: Double
    var refilled: Int64 = 0

    init(burst: Double, rate: Double) {
      (self.burst, self.rate, tokens) = (burst, rate, burst)
    }

    mutating func take(now: Int64) -> Bool {
      tokens = min(burst, tokens + Double(max(0, now - refilled)) / 1e9 * rate)
      refilled = max(refilled, now)
      guard tokens >= 1 else { return false }
      tokens -= 1
      return true
    }
  }

  private enum Kind: Hashable {
    case discovered
    case silent
    case back
    case evicted
  }

  private struct Group {
    var interface: Int32
    var kind: Kind
    var event: PeerInterfaces.Event
    var began: Int64
    var due: Int64
    var count = 0
    var established: [IPAddress] = []
    var newcomers: [IPAddress] = []

    func contains(_ address: IPAddress) -> Bool {
      established.contains(address) || newcomers.contains(address)
    }

    mutating func add(_ peer: PeerReport<PeerID>) {
      let address = peer.id.address
      count += 1
      if peer.isEstablished {
        if established.count < PeerNews.remembered { established.append(address) }
      } else if newcomers.count < PeerNews.remembered {
        newcomers.append(address)
      }
    }
  }

  /// In the order in which they began. Of a kind on an interface only the last one grows.
  private var groups: [Group] = []
  private var followed = Bucket(burst: PeerNews.burst, rate: PeerNews.rate)
  private var newcomers = Bucket(burst: PeerNews.newcomerBurst, rate: PeerNews.newcomerRate)
  private var untold = SummaryPace()

  // MARK: Events

  /// Something happened to a peer. What concerns the network as a whole is no peer's, and is told at once.
  ///
  /// - Parameter isAlone: whether no other peer on that interface is about to do the same.
  /// - Returns: whether it is to be told in an entry of a peer or of several.
  @discardableResult
  mutating func add(_ event: PeerInterfaces.Event, now: Int64, isAlone: Bool = false) -> Bool {
    guard let (kind, peer) = Self.subject(of: event.event) else { return false }
    var place = groups.lastIndex { $0.kind == kind && $0.interface == event.interface }
    if let again = place, groups[again].contains(peer.id.address) {
      // The same peer once more is another event.
      groups[again].due = now
      place = nil
    }
    var group =
      place.map { groups[$0] }
      ?? Group(interface: event.interface, kind: kind, event: event, began: now, due: now)
    group.add(peer)
    group.due = isAlone ? now : min(now + Self.gap, group.began + Self.longest)
    if let place { groups[place] = group } else { groups.append(group) }
    return true
  }

  /// - Returns: nil for what peers have no entry of.
  private static func subject(of event: PeerEvent<PeerID>) -> (Kind, PeerReport<PeerID>)? {
    switch event {
    case .networkSilent, .networkHeard: nil
    // The impediment has its entry, the peer none.
    case .unknown, .known, .forgotten: nil
    case .evicted(let peer): peer.isEstablished ? (.evicted, peer) : nil
    case .discovered(let peer): (.discovered, peer)
    case .silent(let peer): (.silent, peer)
    case .back(let peer): (.back, peer)
    }
  }

  // MARK: Entries

  /// The entries that are complete, in the order in which they began.
  ///
  /// - Parameter isFinal: whether nothing that follows belongs to them.
  mutating func take(now: Int64, isFinal: Bool = false) -> [Entry] {
    let complete = groups.filter { isFinal || $0.due <= now }
    guard !complete.isEmpty else { return [] }
    groups.removeAll { isFinal || $0.due <= now }
    return complete.compactMap { group in
      let isTold = group.established.isEmpty ? newcomers.take(now: now) : followed.take(now: now)
      guard isTold else {
        untold.add(UInt64(group.count), since: group.began, now: now)
        return nil
      }
      return Entry(
        event: group.event, at: group.began, count: group.count,
        addresses: group.established + group.newcomers)
    }
  }

  /// When the next entry is complete.
  var nextDue: Int64? { groups.map(\.due).min() }

  /// How many events had no entry (`SummaryPace`).
  mutating func takeUntold(now: Int64, isFinal: Bool = false) -> SummaryPace.Summary? {
    untold.take(now: now, isFinal: isFinal)
  }
}
