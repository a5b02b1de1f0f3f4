// SPDX-License-Identifier: Apache-2.0

import Glibc
import Platform

/// The kernel's limits on memberships (ip(7), Documentation/networking/ip-sysctl.rst). Both fail with
/// ENOBUFS.
package enum MembershipLimit {
  /// The sysctl that raises the limit that a join exceeded; nil for other errors.
  ///
  /// - Parameter sources: source-specific multicast sources, in the order in which they were joined.
  package static func sysctl(_ error: MulticastError, group: IPAddress, sources: [IPAddress]) -> String? {
    guard case .system(_, let object, ENOBUFS) = error else { return nil }
    // The first source creates the membership; the others only extend its filter.
    let isFilter = sources.dropFirst().contains { object.hasSuffix(" from \($0)") }
    switch (group.family, isFilter) {
    case (.ipv4, false): return "net.ipv4.igmp_max_memberships"
    case (.ipv4, true): return "net.ipv4.igmp_max_msf"
    // IPv6 limits only the number of sources.
    case (.ipv6, _): return "net.ipv6.mld_max_msf"
    }
  }
}
