// SPDX-License-Identifier: Apache-2.0

import Platform

/// A group that the host has joined on an interface (/proc/net/igmp, /proc/net/igmp6).
struct ProcMembership: Equatable {
  var interfaceIndex: UInt32
  var group: IPAddress
  /// Reference count: the sockets, and the kernel itself, that joined it.
  var users: Int
  /// IGMP's version on the interface: 3, or lower where a querier speaks an older one; 0 for IPv6.
  var igmpVersion: Int

  /// `nil` where /proc/net cannot be read.
  static func all() -> [ProcMembership]? {
    guard let igmp = ProcFile.read(ProcFile.network + "igmp") else { return nil }
    return parseIGMP(igmp) + parseIGMP6(ProcFile.read(ProcFile.network + "igmp6") ?? "")
  }

  /// A line for each interface (`2  eth0 : 1  V3`), and below it a line for each group, whose address is a
  /// number in the machine's byte order (igmp_mc_seq_show in net/ipv4/igmp.c).
  static func parseIGMP(_ text: String) -> [ProcMembership] {
    var memberships: [ProcMembership] = []
    var interface: (index: UInt32, version: Int)?
    for line in text.split(separator: "\n").dropFirst() {
      let words = line.split(whereSeparator: \.isWhitespace)
      if line.first?.isWhitespace == false {
        let version = words.last { $0.hasPrefix("V") }.flatMap { Int($0.dropFirst()) }
        interface = words.first.flatMap { UInt32($0) }.map { ($0, version ?? 0) }
      } else if let interface, words.count >= 2, let number = UInt32(words[0], radix: 16),
        let users = Int(words[1])
      {
        let group = IPAddress(family: .ipv4, high: 0, low: UInt64(UInt32(bigEndian: number)))
        memberships.append(
          ProcMembership(
            interfaceIndex: interface.index, group: group, users: users, igmpVersion: interface.version))
      }
    }
    return memberships
  }

  /// `2    eth0  ff0200…0001     1 0000000C 0` (igmp6_mc_seq_show in net/ipv6/mcast.c).
  static func parseIGMP6(_ text: String) -> [ProcMembership] {
    text.split(separator: "\n").compactMap { line in
      let words = line.split(whereSeparator: \.isWhitespace)
      guard words.count >= 4, let index = UInt32(words[0]), words[2].utf8.count == 32,
        let high = UInt64(words[2].prefix(16), radix: 16),
        let low = UInt64(words[2].dropFirst(16), radix: 16),
        let users = Int(words[3])
      else { return nil }
      return ProcMembership(
        interfaceIndex: index, group: IPAddress(family: .ipv6, high: high, low: low), users: users,
        igmpVersion: 0)
    }
  }
}
