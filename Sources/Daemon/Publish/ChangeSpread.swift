// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Platform

/// By how much a host delays each copy of a change. A thousand hosts that see the same power failure would
/// fill the sockets of those who listen; and if they sent all copies in the same order, each copy of the same
/// hosts would find them full. A few hosts need not wait.
package struct ChangeSpread: Sendable {
  /// Of the first copies of a large group, in nanoseconds.
  package static let shortest: Int64 = 2_000_000
  /// Hosts that make a large group: fewer of them fit into a socket of a stock kernel, which holds 256
  /// datagrams.
  package static let many = 250

  /// Of host and change.
  private let hash: StableHash
  /// How many hosts may see the same, at most `many`.
  private let hosts: Int

  /// Of a change that a host sees now. Hosts that see it at the same time differ by their names, and by their
  /// clocks.
  ///
  /// - Parameters:
  ///   - now: In nanoseconds of CLOCK_MONOTONIC.
  ///   - peers: How many the host knows of; with none it does not wait.
  package init(of host: HostName, at now: Int64, among peers: Int) {
    var hash = StableHash()
    host.withUTF8 { hash.mix($0) }
    hash.mix(now)
    self.hash = hash
    hosts = min(peers, Self.many)
  }

  /// Below 2 ms, or an eighth of the time after the first copy where that is more: then the slowest of those
  /// who listen can follow. Of fewer hosts than `many` as much less.
  ///
  /// - Parameters:
  ///   - copy: 0 for the first.
  ///   - offset: After the first, in nanoseconds.
  package func delay(of copy: Int, after offset: Int64) -> Int64 {
    let longest = max(Self.shortest, offset / 8) * Int64(hosts) / Int64(Self.many)
    guard longest > 0 else { return 0 }
    var hash = hash
    hash.mix(copy)
    return Int64(hash.avalanched % UInt64(longest))
  }
}
