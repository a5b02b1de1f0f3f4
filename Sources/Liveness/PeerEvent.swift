// SPDX-License-Identifier: Apache-2.0

import Platform

/// A change of a peer, or of all peers of a table together. Spans are in nanoseconds.
package enum PeerEvent<ID: Hashable & Sendable>: Sendable {
  /// A source sent its second beat and is a peer now.
  case discovered(PeerReport<ID>)
  /// More beats in a row are missing than the loss of the network explains.
  case silent(PeerReport<ID>)
  /// A silent peer was heard twice; `lastSilence` is how long it was not.
  case back(PeerReport<ID>)
  /// A peer said goodbye.
  case left(PeerReport<ID>)
  /// A peer that had left is heard again; `lastSilence` is how long it was not.
  case returned(PeerReport<ID>)
  /// Another sender uses a peer's name, and sends from an address.
  case contested(PeerReport<ID>, by: IPAddress)
  /// A peer is not heard and cannot be judged (`Impediment`).
  case unknown(PeerReport<ID>)
  /// A peer that was unknown is heard.
  case known(PeerReport<ID>)
  /// A peer was silent for a day and is removed.
  case forgotten(PeerReport<ID>)
  /// A peer was removed to make room for another one.
  case evicted(PeerReport<ID>)
  /// So many peers, all that could be heard, stopped within two intervals of one another, `last` as the last
  /// of them. None of them is called silent. `since` is the last beat of any, in nanoseconds of
  /// CLOCK_MONOTONIC.
  case networkSilent(peers: Int, last: ID, since: Int64)
  /// A peer is heard again, and the others are judged one by one from now on. `at` is the arrival of its
  /// beat, in nanoseconds of CLOCK_MONOTONIC.
  case networkHeard(by: ID, at: Int64, silentFor: Int64)

  /// The peer that changed; nil for a change of all together.
  package var report: PeerReport<ID>? {
    switch self {
    case .discovered(let peer), .silent(let peer), .back(let peer), .left(let peer), .returned(let peer),
      .contested(let peer, _), .unknown(let peer), .known(let peer), .forgotten(let peer), .evicted(let peer):
      peer
    case .networkSilent, .networkHeard: nil
    }
  }

  /// The peer that changed, or the one by which the change of all was noticed.
  package var id: ID {
    switch self {
    case .networkSilent(_, let last, _): last
    case .networkHeard(let peer, _, _): peer
    case .discovered(let peer), .silent(let peer), .back(let peer), .left(let peer), .returned(let peer),
      .contested(let peer, _), .unknown(let peer), .known(let peer), .forgotten(let peer), .evicted(let peer):
      peer.id
    }
  }
}

extension PeerEvent where ID == PeerID {
  /// The number of the interface on which it happened.
  package var interface: Int32 { id.interface }
}
