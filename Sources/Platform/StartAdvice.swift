// SPDX-License-Identifier: Apache-2.0

import Glibc

/// What an operator can do when the system refuses at start.
package enum StartAdvice {
  package static func text(_ errno: Int32?) -> String {
    switch errno {
    case EADDRINUSE:
      "Another process holds the port without SO_REUSEADDR: `ss -lunp` names it. Stop it, or choose another port."
    case ENOBUFS:
      "The limit on memberships is reached: raise net.ipv4.igmp_max_memberships (sysctl)."
    case EAFNOSUPPORT:
      "This address family is not available here: see ipv6.disable, and RestrictAddressFamilies= in the unit."
    case EACCES, EPERM:
      "It is not permitted: see the unit's sandbox, and SELinux or AppArmor."
    case EMFILE, ENFILE:
      "No file descriptors are left: see LimitNOFILE=."
    default:
      "`mcastd doctor` looks for the cause."
    }
  }
}
