// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Platform

/// How many readings a host says, drills not counted.
package struct ReadingCounts: Equatable, Sendable {
  /// Good or unauthenticated.
  package var known = 0
  /// Stale or unknown.
  package var unknown = 0

  /// None, unless given.
  package init(known: Int = 0, unknown: Int = 0) {
    self.known = known
    self.unknown = unknown
  }
}

/// A reading of a host as it is now. Times are in nanoseconds of CLOCK_MONOTONIC.
package struct ReadingReport: Equatable, Sendable {
  package var host: HostName
  /// Where the host's last heartbeat came from; nil for this host.
  package var address: IPAddress?
  package var id: Reading.ID
  /// The last that was said; `?` where the quality is unknown.
  package var value: ReadingValue
  package var quality: ReadingQuality
  /// When it was said last, and since when it is what it is.
  package var heard: Int64
  package var changed: Int64
  /// What the heartbeat proves that said it; nil where nothing has to be proved, and for this host.
  package var proof: Proof?

  package init(
    host: HostName, address: IPAddress?, id: Reading.ID, value: ReadingValue, quality: ReadingQuality,
    heard: Int64, changed: Int64, proof: Proof?
  ) {
    self.host = host
    self.address = address
    self.id = id
    self.value = value
    self.quality = quality
    self.heard = heard
    self.changed = changed
    self.proof = proof
  }
}
