// SPDX-License-Identifier: Apache-2.0

import Glibc

/// What an operator can do about a send that the kernel refuses.
enum SendAdvice {
  static func text(_ errno: Int32) -> String {
    switch errno {
    case ENETUNREACH, EHOSTUNREACH:
      "The interface has no address or route for the group: see `ip address` and `ip route get GROUP`."
    case EPERM, EACCES:
      "A firewall on this host refuses it: see `nft list ruleset`, or IPAddressDeny= in the unit."
    case ENOBUFS, ENOMEM, EAGAIN:
      "The interface's queue is full: see `ip -s link` and `tc -s qdisc`."
    case ENODEV, ENXIO, ENETDOWN, EADDRNOTAVAIL:
      "The interface is down or gone: see `ip link`."
    case EINVAL:
      "The group cannot be sent to from this interface: see `mcastd doctor`."
    default:
      "See `mcastd doctor`."
    }
  }
}
