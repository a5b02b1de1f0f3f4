// SPDX-License-Identifier: Apache-2.0

import Glibc

/// What an operator can do about an errno, by what was being done when the system refused.
package enum ErrnoAdvice {
  private static let noDescriptors = "No file descriptors are left: see LimitNOFILE= and fs.file-max."

  /// At the start, or when a reload opens a new receiver.
  ///
  /// - Parameters:
  ///   - family: of the group.
  ///   - addsSource: whether a source was to be added to a membership that is there.
  package static func start(_ errno: Int32, family: AddressFamily, addsSource: Bool) -> String {
    switch errno {
    case EADDRINUSE:
      "Another process holds the port without SO_REUSEADDR: `ss -lunp` names it. "
        + "Stop it, or choose another port."
    case ENOBUFS where family == .ipv4 && !addsSource:
      "The limit on memberships is reached: raise \(membershipLimit(family, isFilter: false)) (sysctl)."
    case ENOBUFS:
      "The limit on sources is reached: raise \(membershipLimit(family, isFilter: true)) (sysctl)."
    case EAFNOSUPPORT:
      "This address family is not available here: see ipv6.disable, and RestrictAddressFamilies= in the unit."
    case EACCES:
      "It is not permitted. Ports below net.ipv4.ip_unprivileged_port_start (sysctl) need a privilege: "
        + "choose another port. Otherwise see the unit's sandbox, and SELinux or AppArmor."
    case EPERM:
      "It is not permitted: see the unit's sandbox, and SELinux or AppArmor."
    case EMFILE, ENFILE:
      noDescriptors
    default:
      "`mcastd doctor` looks for the cause."
    }
  }

  /// Of sendto(2) to the group.
  package static func send(_ errno: Int32) -> String {
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

  /// Of open(2), write(2) or rename(2) in the runtime directory.
  package static func runtimeFile(_ errno: Int32) -> String {
    switch errno {
    case ENOSPC, EDQUOT: "Make room in /run (`df -h /run`, `df -i /run`)."
    case EMFILE, ENFILE: noDescriptors
    case EACCES, EPERM, EROFS: "The directory must be writable for the daemon's user."
    case ENOENT, ENOTDIR: "Somebody removed the directory: `systemctl restart mcastd` makes it again."
    default: "See `mcastd doctor`."
    }
  }

  /// Of opening or reading a file of an operator's: configuration, keys, rules, readings.
  package static func readingFile(_ errno: Int32) -> String {
    switch errno {
    case EACCES, EPERM: "The daemon's user must be able to read it, and to search the directories before it."
    case EMFILE, ENFILE: noDescriptors
    case ENOTCONN, ESTALE: "Its file system is gone: see `findmnt -T FILE`."
    default: "See what its driver or file system says (`journalctl -k`)."
    }
  }

  /// The errno of a file that could not be read, and what to do about it where that does not say it already.
  package static func unreadable(_ errno: Int32) -> String {
    switch errno {
    case ENOENT, ENOTDIR, EISDIR: errnoText(errno)
    default: "\(errnoText(errno)). \(readingFile(errno))"
    }
  }

  /// The sysctl that raises the limit that a join ran into with ENOBUFS (ip(7),
  /// Documentation/networking/ip-sysctl.rst).
  ///
  /// - Parameter isFilter: whether a source was to be added to a membership that is there. The first source
  ///   of IPv4 makes the membership; IPv6 limits nothing but sources.
  package static func membershipLimit(_ family: AddressFamily, isFilter: Bool) -> String {
    switch (family, isFilter) {
    case (.ipv4, false): "net.ipv4.igmp_max_memberships"
    case (.ipv4, true): "net.ipv4.igmp_max_msf"
    case (.ipv6, _): "net.ipv6.mld_max_msf"
    }
  }
}

extension ErrnoAdvice {
  /// The cause in half a sentence, and alternatives against it: as the doctor prints them.
  package struct Remedy: Equatable, Sendable {
    package var meaning: String
    package var actions: [String]
  }

  /// Of bind(2) to the group and its port.
  package static func bind(_ errno: Int32) -> Remedy {
    switch errno {
    case EADDRINUSE:
      Remedy(
        meaning: "without SO_REUSEADDR it shares the port with no other socket",
        actions: ["stop it", "or let it set SO_REUSEADDR", "or choose another port"])
    case EACCES:
      Remedy(
        meaning: "ports below net.ipv4.ip_unprivileged_port_start need a privilege",
        actions: ["choose another port", "or sysctl net.ipv4.ip_unprivileged_port_start=PORT"])
    default: Remedy(meaning: "nothing can be received", actions: ["see the error's name in ip(7)"])
    }
  }

  /// Of joining a group.
  ///
  /// - Parameter interface: its name as a part of a key of sysctl(8).
  package static func join(_ errno: Int32, family: AddressFamily, interface: String) -> Remedy {
    switch errno {
    case ENOBUFS where family == .ipv4:
      Remedy(
        meaning: "the limit of memberships or sources of a socket is reached",
        actions: [
          "sysctl \(membershipLimit(family, isFilter: false))=100 "
            + "(or \(membershipLimit(family, isFilter: true)), for sources)"
        ])
    case ENOBUFS:
      Remedy(
        meaning: "the limit of sources of a socket is reached",
        actions: ["sysctl \(membershipLimit(family, isFilter: true))=100"])
    case ENODEV, EADDRNOTAVAIL:
      Remedy(
        meaning: "the kernel does not carry \(family.name) multicast on it",
        actions: ["look at the interface's addresses and at net.ipv6.conf.\(interface).disable_ipv6"])
    default:
      Remedy(meaning: "the group is not heard there", actions: ["see the error's name in ip(7)"])
    }
  }
}
