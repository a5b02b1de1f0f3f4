// SPDX-License-Identifier: Apache-2.0

/// What `ListPeers` answers and `mcastd peers --json` prints. Spans and times are in microseconds.
package struct PeersReply: Codable, Sendable, Equatable {
  package var peers: [PeerReply]
  /// Whether all peers fell silent together, which accuses none of them.
  package var networkSilent: Bool
  /// Sources that were turned away because the table was full (`peers.max`).
  package var refused: UInt64
}

package struct PeerReply: Codable, Sendable, Equatable {
  package var address: String
  /// Empty for a peer that is expected and was never heard.
  package var interface: String
  package var port: Int
  /// `alive`, `late`, `silent`, `unknown`, or `self` for our own sender.
  package var state: String
  /// Since the epoch.
  package var lastHeardUsec: Int64
  /// Since its last beat.
  package var ageUsec: Int64
  package var intervalUsec: Int64
  package var beats: UInt64
  package var missed: UInt64
  /// Missed while the kernel dropped datagrams here, or while we were not there.
  package var missedHere: UInt64
  package var duplicates: UInt64
  package var reordered: UInt64
  package var restarts: UInt64
  package var clockSteps: UInt64
  package var jitterUsec: Int64
  /// Our clock minus its payload.
  package var offsetUsec: Int64
  /// What a person should know of it; may be empty.
  package var note: String
}
