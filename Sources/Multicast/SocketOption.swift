// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Option numbers missing from the Glibc module (linux/in.h, linux/in6.h, asm-generic/socket.h).
enum SocketOption {
  /// ip(7): deliver only groups that this socket joined.
  static let ipMulticastAll: Int32 = 49
  /// ipv6(7), since Linux 4.20.
  static let ipv6MulticastAll: Int32 = 29
  /// RFC 3678 section 5, for both families at level IPPROTO_IP or IPPROTO_IPV6.
  static let joinGroup: Int32 = 42
  static let leaveGroup: Int32 = 45
  static let joinSourceGroup: Int32 = 46
  static let groupFilter: Int32 = 48
  /// socket(7): socket cookie, unique since boot.
  static let cookie: Int32 = 57
  /// socket(7): SO_BINDTODEVICE by index, since Linux 5.1.
  static let bindToInterface: Int32 = 62
  /// RFC 5014: the kernel's source address preferences for an unbound socket.
  static let ipv6AddressPreferences: Int32 = 72
  static let ipv6PreferPublicSource: Int32 = 0x0002
  /// socket(7): cookie of the network namespace, since Linux 5.14.
  static let namespaceCookie: Int32 = 71
  /// socket(7): receive time in nanoseconds as a struct timespec (the 64-bit layout of this machine's libc).
  static let timestampNanoseconds: Int32 = 35
  /// socket(7): drop count with the next datagram.
  static let receiveQueueOverflow: Int32 = 40
  /// RFC 3542: in6_pktinfo with each datagram.
  static let ipv6ReceivePacketInfo: Int32 = 49
  static let ipv6PacketInfo: Int32 = 50
}
