// SPDX-License-Identifier: Apache-2.0

/// How far a reading can be relied on.
package enum ReadingQuality: String, Sendable, CaseIterable {
  /// Said just now by the host, authentic where that is asked for.
  case good
  /// Its host was not heard for `HostFacts.freshBeats` beats: it may be something else by now.
  case stale
  /// Its host says `?`, or says nothing of it any more, or two senders use the host's name.
  case unknown
  /// Said in a heartbeat that is not authentic, while heartbeats are authenticated.
  case unauthenticated
  /// Said for practice: it stands beside the true one.
  case drill

  /// Whether the value is what the host says now.
  package var isKnown: Bool { self == .good || self == .unauthenticated || self == .drill }
}
