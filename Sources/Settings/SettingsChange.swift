// SPDX-License-Identifier: Apache-2.0

/// What a reload changes, by who has to act on it. Where values come from does not count.
package struct SettingsChange: Sendable, Equatable {
  private let old: Settings
  private let new: Settings

  package init(from old: Settings, to new: Settings) {
    self.old = old
    self.new = new
  }

  /// Bound to something else, or no longer or newly wanted: the socket cannot be kept.
  package var receiverMustBeReplaced: Bool {
    old.subscribe.enabled != new.subscribe.enabled || old.subscribe.endpoint != new.subscribe.endpoint
  }

  /// Interfaces or sources differ: memberships of the same socket, where it can be kept.
  package var membershipsChanged: Bool {
    old.subscribe.interfaces != new.subscribe.interfaces || old.sources != new.sources
  }

  /// SO_RCVBUF can be set on the socket that is there.
  package var receiveBufferChanged: Bool { old.receiveBuffer != new.receiveBuffer }

  /// Where heartbeats go and how far.
  package var senderChanged: Bool {
    old.publish != new.publish || old.ttl != new.ttl || old.loopback != new.loopback
  }

  /// When heartbeats go, or whether.
  package var scheduleChanged: Bool {
    old.interval != new.interval || old.publish.enabled != new.publish.enabled
  }

  /// What heartbeats say.
  package var timestampChanged: Bool { old.timestamp != new.timestamp }

  package var logChanged: Bool { old.log != new.log }

  package var peersChanged: Bool { old.peersMax != new.peersMax || old.peersExpected != new.peersExpected }

  /// Nothing has to be done.
  package var isEmpty: Bool {
    !(receiverMustBeReplaced || membershipsChanged || receiveBufferChanged || senderChanged || scheduleChanged
      || timestampChanged || logChanged || peersChanged)
  }
}
