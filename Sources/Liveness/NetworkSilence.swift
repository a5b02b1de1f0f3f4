// SPDX-License-Identifier: Apache-2.0

/// Who stopped together with a peer that nobody was heard after.
struct NetworkSilence: Equatable, Sendable {
  /// Peers that stopped within two intervals of the overdue one, itself included.
  package private(set) var stopped = 0
  /// Peers whose next beat is not due yet: they say nothing.
  package private(set) var undecided = 0
  /// The earliest of the last beats, on the listening clock.
  package private(set) var began: Int64 = .max

  /// Looks through all peers that are not silent; nil if the overdue one is not among them.
  init?(of overdue: Peer, among peers: [Peer], at listening: Int64) {
    for peer in peers where peer.isListed && peer.state != .silent {
      guard listening >= peer.lastListening + peer.interval.overdueAfter else {
        undecided += 1
        continue
      }
      let distance = abs(peer.lastListening - overdue.lastListening)
      // One that stopped before the others is on its way to silence, and says as little as those that are there.
      if distance <= 2 * max(peer.interval.interval, overdue.interval.interval) {
        stopped += 1
        began = min(began, peer.lastListening)
      }
    }
    guard stopped > 0 else { return nil }
  }

  /// Whether the network is silent rather than its peers: at least two stopped, and most of those that might be heard
  /// should have been by now. One that sends once an hour must not keep twenty others from being believed.
  var isEverybody: Bool { stopped >= 2 && undecided < stopped }
}
