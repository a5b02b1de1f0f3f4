// SPDX-License-Identifier: Apache-2.0

/// The state of a peer table that is handed from one run of the daemon to the next, on the same boot:
/// CLOCK_MONOTONIC goes on. Sources that were heard once are not in it.
package struct PeerSnapshot<ID: Hashable & Sendable>: Sendable {
  /// One peer.
  package struct Entry: Sendable {
    package var id: ID
    var peer: Peer
    /// What was reported of it last, as `Announcements.Reported` numbers it; nil for its state.
    var reported: UInt8?
  }

  /// Changes with the meaning of what is stored. Those from 1 on are understood.
  static var currentVersion: Int { 2 }

  /// 1 to `currentVersion`.
  var version = Self.currentVersion
  /// In nanoseconds of CLOCK_MONOTONIC.
  var takenAt: Int64
  /// How far CLOCK_REALTIME was ahead of CLOCK_MONOTONIC when the socket was last empty, in nanoseconds: the
  /// stamps of what waits in it are of before a step since. Nil where it is not stored.
  var lead: Int64?
  var clock: ListeningClock
  /// The last beat of any peer, in nanoseconds of the listening clock and of CLOCK_MONOTONIC.
  var latestListening: Int64
  var latestHeard: Int64
  /// Nil in version 1, whose clock stood still for nothing else.
  var isNetworkSilent: Bool?
  /// The peers.
  package var entries: [Entry]

  /// The number of peers in it.
  package var count: Int { entries.count }
}

extension PeerSnapshot.Entry: Codable where ID: Codable {
  private enum CodingKeys: CodingKey {
    case id
    case peer
    case reported
  }

  /// Reads a peer of any version.
  ///
  /// - Throws: `DecodingError`.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    id = try container.decode(ID.self, forKey: .id)
    reported = try? container.decode(UInt8.self, forKey: .reported)
    if let peer = try? container.decode(Peer.self, forKey: .peer) {
      self.peer = peer
    } else {
      peer = Peer(try container.decode(PeerOfVersion1.self, forKey: .peer))
    }
  }
}

/// What is of use of a peer that version 1, that of 0.1.0, stored: an upgrade makes no peer new or silent.
struct PeerOfVersion1: Decodable {
  struct Interval: Decodable { var interval: Int64 }

  var state: PeerState
  var isReturning: Bool
  var beats: UInt64
  var lastHeard: Int64
  var lastListening: Int64
  var stateSince: Int64
  var silence: Int64
  var interval: Interval
  var statistics: ArrivalStatistics
  var ports: PortHistory

  private enum CodingKeys: String, CodingKey {
    case state
    case isReturning
    case beats
    case lastHeard
    case lastListening = "lastAudible"
    case stateSince
    case silence
    case interval
    case statistics
    case ports
  }
}

extension PeerSnapshot: Codable where ID: Codable {
  private enum CodingKeys: String, CodingKey {
    case version
    case takenAt
    case lead
    case clock
    case latestListening = "latestAudible"
    case latestHeard
    case isNetworkSilent
    case entries
  }
}

extension PeerTable {
  /// The table for the next run.
  ///
  /// - Parameter now: When all beats until then were given, in nanoseconds of CLOCK_MONOTONIC.
  package func snapshot(at now: Int64) -> PeerSnapshot<ID> {
    PeerSnapshot(
      takenAt: now, clock: roster.clock, latestListening: roster.latestListening,
      latestHeard: roster.latestHeard, isNetworkSilent: isNetworkSilent,
      entries: entries)
  }

  /// The table of the previous run: an alive peer is still alive, a silent one still silent, and neither is
  /// an event.
  ///
  /// - Parameters:
  ///   - snapshot: All of it is left out where it is of another version or boot, and a peer where it is
  ///     implausible.
  ///   - capacity: `peers.max`. Silent peers are left out first.
  ///   - now: Nanoseconds of CLOCK_MONOTONIC.
  ///   - isGapless: Whether the socket was kept, so that beats waited in it and a silence meanwhile is the
  ///     peer's own.
  ///   - isComplete: Whether nothing was read after it was stored. Otherwise a peer may have been heard until
  ///     the end, and has its whole time again.
  ///   - hash: As of `init(capacity:hash:)`.
  package init(
    restoring snapshot: PeerSnapshot<ID>, capacity: Int, at now: Int64, isGapless: Bool,
    isComplete: Bool = true,
    hash: @escaping @Sendable (ID) -> UInt64 = { UInt64(bitPattern: Int64($0.hashValue)) }
  ) {
    self.init(capacity: capacity, hash: hash)
    let takenAt = snapshot.takenAt
    guard 1...PeerSnapshot<ID>.currentVersion ~= snapshot.version, HeartbeatArrival.arrivals ~= takenAt,
      takenAt <= now,
      snapshot.clock.isPlausible(at: takenAt)
    else { return }
    // The new listening clock reads at the snapshot's time what the monotonic clock read.
    let before = snapshot.clock.reading(at: takenAt)
    reserve(min(snapshot.count, self.capacity))
    for wantsSilent in [false, true] {
      for entry in snapshot.entries where entry.peer.state.isGone == wantsSilent {
        guard counts.total < self.capacity, report(of: entry.id) == nil,
          let peer = entry.peer.resumed(
            takenAt: takenAt, readingThen: before, listening: takenAt, isComplete: isComplete)
        else { continue }
        adopt(entry.id, peer, reported: entry.reported.flatMap { Announcements.Reported(rawValue: $0) })
      }
    }
    let (age, isOverflow) = before.subtractingReportingOverflow(snapshot.latestListening)
    roster.latestListening =
      takenAt - (isOverflow ? 0 : max(0, min(HeartbeatArrival.arrivals.upperBound, age)))
    roster.latestHeard = max(0, min(takenAt, snapshot.latestHeard))
    if !isGapless { roster.clock.noteOutage(from: takenAt, to: now) }
    // Other impediments are found again; this one ends with a beat, which may have waited.
    let isNetworkSilent = snapshot.isNetworkSilent ?? (snapshot.clock.stoppedAt != nil)
    // Until the group is known to be joined nothing was received, although the socket was kept.
    if isGapless, !isNetworkSilent, snapshot.clock.stoppedAt != nil {
      roster.suspend(.interfaceGone, since: takenAt)
    }
    guard isNetworkSilent, counts.total > counts.silent + counts.left else { return }
    roster.suspend(.networkSilent, since: roster.latestHeard)
    roster.clock.stop(at: takenAt)
  }
}
