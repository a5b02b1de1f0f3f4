// SPDX-License-Identifier: Apache-2.0

/// Liveness state of a peer. The raw values are those of `peers.json` and of the control interface.
package enum PeerState: String, CaseIterable, Codable, Sendable {
  /// Heard twice or more, and again when it should have been.
  case alive
  /// Three beats in a row are missing, or one less than make it silent. Not worth an event: the next beat
  /// makes it alive.
  case late
  /// More beats in a row are missing than the loss of the network explains (`Patience`). Two beats make it
  /// alive.
  case silent
  /// It said goodbye. The next beat makes it alive.
  case left
  /// Not heard, and not judged, for it may be a fault of this host or of the network (`Impediment`). The next
  /// beat makes it alive.
  case unknown

  /// From the most present to the least: which of them counts of a peer on several interfaces.
  package static let byPresence: [PeerState] = [.alive, .late, .unknown, .left, .silent]

  /// What needs attention first, as tables have it.
  package static let byUrgency: [PeerState] = [.silent, .unknown, .left, .late, .alive]

  /// Whether a peer may go from this state to another in one step. It begins as alive.
  func canBecome(_ next: PeerState) -> Bool {
    switch (self, next) {
    case (.alive, .late), (.late, .alive), (.late, .silent), (.silent, .alive): true
    case (.alive, .unknown), (.late, .unknown), (.unknown, .alive), (.unknown, .silent): true
    case (.left, .alive): true
    case (_, .left): self != .left
    default: false
    }
  }

  /// Whether the peer is not heard, and that was judged: it is kept for a day.
  var isGone: Bool { self == .silent || self == .left }
}
