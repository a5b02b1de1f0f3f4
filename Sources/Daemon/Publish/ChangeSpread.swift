// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Platform

/// By how much a host delays each copy of a change. A thousand hosts that see the same power failure would
/// fill the sockets of those who listen; and if they sent all copies in the same order, each copy of the same
/// hosts would find them full.
package struct ChangeSpread: Sendable {
  /// Of the first copies, in nanoseconds.
  package static let shortest: Int64 = 2_000_000

  /// Of host and change; nil for no delay.
  private let hash: StableHash?

  /// No delay.
  package static let none = ChangeSpread(hash: nil)

  private init(hash: StableHash?) { self.hash = hash }

  /// Of a change that a host sees now. Hosts that see it at the same time differ by their names, and by their
  /// clocks.
  ///
  /// - Parameter now: In nanoseconds of CLOCK_MONOTONIC.
  package init(of host: HostName, at now: Int64) {
    var hash = StableHash()
    host.withUTF8 { hash.mix($0) }
    hash.mix(now)
    self.hash = hash
  }

  /// Below 2 ms, or an eighth of the time after the first copy where that is more: then the slowest of those
  /// who listen can follow.
  ///
  /// - Parameters:
  ///   - copy: 0 for the first.
  ///   - offset: After the first, in nanoseconds.
  package func delay(of copy: Int, after offset: Int64) -> Int64 {
    guard var hash else { return 0 }
    hash.mix(copy)
    return Int64(hash.avalanched % UInt64(max(Self.shortest, offset / 8)))
  }
}
