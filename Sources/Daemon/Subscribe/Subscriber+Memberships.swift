// SPDX-License-Identifier: Apache-2.0

import Multicast
import Platform

/// Memberships that are older than the interface, or than this process.
extension Subscriber {
  /// Indices looked through at most: they only grow, and what is stale is younger than this.
  private static let reach: UInt32 = 65_536

  /// A socket that was kept over a restart is still a member on interfaces that went away meanwhile. Nobody knows
  /// their indices any more, and each counts against igmp_max_memberships: all are tried (0.2 µs each).
  func leaveStale(_ receiver: MulticastReceiver, except wanted: Set<UInt32>) {
    // Whatever is newer than the newest wanted one is found when there is a newer one.
    let newest = wanted.max() ?? Self.reach
    for index in (newest - min(newest, Self.reach))...newest where index > 0 && !wanted.contains(index) {
      if receiver.isMember(interfaceIndex: index) { receiver.leave(interfaceIndex: index) }
    }
  }

  /// Leaves the group and joins it at once, which sends a report (RFC 3376, 5.1) to a switch that may have forgotten
  /// us. Nothing else makes the kernel send one, unless a querier asks.
  func renew(on index: UInt32) {
    guard let receiver, reception.members.interfaces[index] != nil else { return }
    receiver.leave(interfaceIndex: index)
    do throws(MulticastError) {
      try receiver.join(interfaceIndex: index, sources: sources)
      rejoin.joined(index, at: MonotonicClock.now())
    } catch {
      events.report(
        .interfaceLost, .warning, "cannot join \(receiver.group) anew: \(error).",
        ["MCAST_GROUP": "\(receiver.group.address)", "MCAST_PORT": "\(receiver.group.port)"])
    }
  }
}
