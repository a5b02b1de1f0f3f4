// SPDX-License-Identifier: Apache-2.0

/// How many peers there are.
package struct PeerCounts: Equatable, Sendable {
  /// Heard as they should be.
  package var alive = 0
  /// With three beats missing, or one less than make them silent.
  package var late = 0
  /// With so many beats missing as the loss of the network does not explain (`Patience`).
  package var silent = 0
  /// Gone on purpose: it said goodbye.
  package var left = 0
  /// Not heard, and not judged.
  package var unknown = 0
  /// Sources that sent a second beat and found the table full of established peers.
  package var refused: UInt64 = 0

  /// Zero, unless given.
  package init(
    alive: Int = 0, late: Int = 0, silent: Int = 0, left: Int = 0, unknown: Int = 0, refused: UInt64 = 0
  ) {
    self.alive = alive
    self.late = late
    self.silent = silent
    self.left = left
    self.unknown = unknown
    self.refused = refused
  }

  /// All peers in the table.
  package var total: Int { alive + late + silent + left + unknown }

  /// The counts of two tables together.
  package static func + (one: PeerCounts, other: PeerCounts) -> PeerCounts {
    PeerCounts(
      alive: one.alive + other.alive, late: one.late + other.late, silent: one.silent + other.silent,
      left: one.left + other.left, unknown: one.unknown + other.unknown, refused: one.refused &+ other.refused
    )
  }
}
