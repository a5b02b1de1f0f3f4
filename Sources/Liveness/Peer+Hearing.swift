// SPDX-License-Identifier: Apache-2.0

extension Peer {
  /// What a beat changed of the state.
  enum Change: Equatable, Sendable {
    /// No longer late or unknown.
    case recovered(from: PeerState)
    /// No longer silent.
    case back
    /// It said goodbye.
    case left(from: PeerState)
    /// It had left, and is heard again.
    case returned
  }

  /// What a beat brought about.
  struct Hearing: Equatable, Sendable {
    /// What it changed of the state; nil for nothing.
    var change: Change?
    /// Whether the peer is established by it.
    var isEstablishedNow = false
    /// Whether the deadline comes before the one that is armed.
    var bringsDeadlineForward = false
    /// Whether it shows that two senders use the name.
    var isContestedNow = false
  }
}
