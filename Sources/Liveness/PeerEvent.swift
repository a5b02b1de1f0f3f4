// SPDX-License-Identifier: Apache-2.0

/// What there is to say about peers. Spans are in nanoseconds.
package enum PeerEvent<ID: Hashable & Sendable>: Sendable {
  /// A source sent its second beat and is a peer now.
  case discovered(PeerReport<ID>)
  /// Five beats in a row are missing.
  case silent(PeerReport<ID>)
  /// A silent peer was heard twice; `lastSilence` says for how long it was not.
  case back(PeerReport<ID>)
  /// A peer is not heard and cannot be judged.
  case unknown(PeerReport<ID>)
  /// A peer of which it was not known is heard.
  case known(PeerReport<ID>)
  /// A peer was silent for a day; nothing is known of it any more.
  case forgotten(PeerReport<ID>)
  /// A peer made room for another one.
  case evicted(PeerReport<ID>)
  /// So many peers, all that could be heard, stopped within two intervals of one another. None of them is
  /// overdue.
  case networkSilent(peers: Int, since: Int64)
  /// A peer is heard again, and the others are judged one by one from now on.
  case networkHeard(by: ID, silentFor: Int64)
}

/// How many peers there are.
package struct PeerCounts: Equatable, Sendable {
  /// Heard as they should be.
  package var alive = 0
  /// With three beats missing.
  package var late = 0
  /// With five beats missing.
  package var silent = 0
  /// Not heard, and not judged.
  package var unknown = 0
  /// Sources that sent a second beat and found the table full of established peers.
  package var refused: UInt64 = 0

  /// Nobody, unless told.
  package init(alive: Int = 0, late: Int = 0, silent: Int = 0, unknown: Int = 0, refused: UInt64 = 0) {
    self.alive = alive
    self.late = late
    self.silent = silent
    self.unknown = unknown
    self.refused = refused
  }

  /// All in the table.
  package var total: Int { alive + late + silent + unknown }

  /// The peers of several tables.
  package static func + (one: PeerCounts, other: PeerCounts) -> PeerCounts {
    PeerCounts(
      alive: one.alive + other.alive, late: one.late + other.late, silent: one.silent + other.silent,
      unknown: one.unknown + other.unknown, refused: one.refused &+ other.refused)
  }
}
