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

  /// Whether a peer may go from this state to another in one step. A peer that is forgotten and heard again
  /// begins as new.
  package func canBecome(_ next: PeerState) -> Bool {
    switch (self, next) {
    case (.new, .alive), (.alive, .late), (.late, .alive), (.late, .silent), (.silent, .alive): true
    default: false
    }
  }
}
