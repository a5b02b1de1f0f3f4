// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Monitor
import Platform

/// Limits the entries about readings, of each host and of all: what flaps must not fill the journal, nor
/// keep the entries of other hosts from it. Beyond the limit they are only counted.
///
/// A pure value; time is passed in, in monotonic nanoseconds.
package struct ReadingBudget: Sendable {
  /// Entries at once, and a second, of all hosts: a thousand hosts see a power failure.
  static let burst = 1000.0
  static let rate = 5.0
  /// The same of one host.
  static let hostBurst = 50.0
  static let hostRate = 0.2
  /// Hosts of which the limit is known; those that have used none of it need not be.
  private static let remembered = 4096

  private var all = TokenBucket(rate: Self.rate, capacity: Self.burst, now: 0)
  private var hosts: [HostName: TokenBucket] = [:]
  private var suppressed = SummaryPace()
  /// The group of the last one that was suppressed.
  private var group: Endpoint?

  package init() {}

  /// Whether there may be an entry about a host.
  package mutating func admits(_ host: HostName, of group: Endpoint, now: Int64) -> Bool {
    if hosts[host] == nil, hosts.count >= Self.remembered { hosts = [:] }
    let full = TokenBucket(rate: Self.hostRate, capacity: Self.hostBurst, now: now)
    if hosts[host, default: full].take(now: now), all.take(now: now) { return true }
    suppressed.add(1, since: now, now: now)
    self.group = group
    return false
  }

  /// The number of suppressed entries, when it is to be reported (`SummaryPace`).
  package mutating func takeSuppressed(now: Int64, isFinal: Bool) -> Event? {
    guard let group, let summary = suppressed.take(now: now, isFinal: isFinal) else { return nil }
    return .readings(.suppressed(summary), group: group)
  }
}
