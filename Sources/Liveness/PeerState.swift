// SPDX-License-Identifier: Apache-2.0

/// What is said of a peer.
package enum PeerState: String, CaseIterable, Codable, Sendable {
  /// Heard once, and not yet in the table.
  case new
  /// Heard twice or more, and again when it should have been.
  case alive
  /// Three beats in a row are missing. Not worth an event: the next beat makes it alive.
  case late
  /// Five beats in a row are missing. Two beats make it alive.
  case silent
  /// Not heard, and not judged, for it may be our fault or the network's (`Impediment`). The next beat makes
  /// it alive.
  case unknown

  /// Whether a peer may go from this state to another in one step. A peer that is forgotten and heard again
  /// begins as new.
  package func canBecome(_ next: PeerState) -> Bool {
    switch (self, next) {
    case (.new, .alive), (.alive, .late), (.late, .alive), (.late, .silent), (.silent, .alive): true
    case (.alive, .unknown), (.late, .unknown), (.unknown, .alive), (.unknown, .silent): true
    default: false
    }
  }
}

/// Why peers of an interface cannot be judged at the moment.
package enum Impediment: String, CaseIterable, Codable, Sendable {
  /// The group is not joined on the interface: it is down, gone, or refused.
  case interfaceGone = "interface-gone"
  /// The interface has no carrier.
  case noCarrier = "no-carrier"
  /// All peers fell silent together, which is more likely the network than they.
  case networkSilent = "network-silent"
  /// Our own heartbeats do not come back, and nobody else is heard: it is this host.
  case ownBeatsNotHeard = "own-beats-not-heard"
  /// The kernel drops so much that missing beats say nothing of their senders.
  case verdictsSuspended = "verdicts-suspended"
}
