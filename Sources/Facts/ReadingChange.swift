// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Platform

/// A reading of a host that is something else than was told of it last.
package struct ReadingChange: Equatable, Sendable {
  /// What can be told of a reading.
  package struct Told: Equatable, Sendable {
    /// Why it is unknown.
    package enum Reason: Equatable, Sendable {
      /// Its host says `?`.
      case said
      /// Its host does not say it any more.
      case gone
      /// Another sender uses the host's name.
      case namesake
    }

    /// `?` where the quality is unknown.
    package var value: ReadingValue
    package var quality: ReadingQuality
    /// Nil where the quality is another one.
    package var reason: Reason?

    package init(_ value: ReadingValue, _ quality: ReadingQuality) {
      self.value = value
      self.quality = quality
    }

    package init(unknown reason: Reason) {
      (value, quality, self.reason) = (.unknown, .unknown, reason)
    }
  }

  package var id: Reading.ID
  package var now: Told
  /// What was told before; nil where it was not said before.
  package var before: Told?
  /// Whether it is not said any more, and is forgotten.
  package var isGone: Bool

  package init(_ id: Reading.ID, now: Told, before: Told?, isGone: Bool = false) {
    self.id = id
    self.now = now
    self.before = before
    self.isGone = isGone
  }
}

/// The readings of a host that changed, in the order of their words.
package struct HostChanges: Equatable, Sendable {
  package var host: HostName
  /// Where the host's last heartbeat came from; nil for this host.
  package var address: IPAddress?
  /// When the heartbeat arrived that says so, or when it could not be relied on any more, in nanoseconds of
  /// CLOCK_MONOTONIC.
  package var time: Int64
  package var changes: [ReadingChange]

  package init(host: HostName, address: IPAddress?, time: Int64, changes: [ReadingChange]) {
    self.host = host
    self.address = address
    self.time = time
    self.changes = changes
  }
}
