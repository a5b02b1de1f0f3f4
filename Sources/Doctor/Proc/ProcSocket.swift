// SPDX-License-Identifier: Apache-2.0

import Platform

/// A UDP socket of any process (/proc/net/udp, /proc/net/udp6).
struct ProcSocket: Equatable {
  var local: Endpoint
  var userID: UInt32
  var inode: UInt64
  /// Datagrams dropped because its buffer was full.
  var drops: UInt64

  /// `nil` where /proc/net cannot be read.
  static func all() -> [ProcSocket]? {
    guard let udp = ProcFile.read(ProcFile.network + "udp") else { return nil }
    return parse(udp, .ipv4) + parse(ProcFile.read(ProcFile.network + "udp6") ?? "", .ipv6)
  }

  /// `sl local rem st tx:rx tr:when retrnsmt uid timeout inode ref pointer drops`: addresses as 32-bit
  /// numbers in the machine's byte order, ports as numbers (udp4_format_sock in net/ipv4/udp.c).
  static func parse(_ text: String, _ family: AddressFamily) -> [ProcSocket] {
    text.split(separator: "\n").dropFirst().compactMap { line in
      let words = line.split(whereSeparator: \.isWhitespace)
      guard words.count >= 13, let local = endpoint(words[1], family), let user = UInt32(words[7]),
        let inode = UInt64(words[9]), let drops = UInt64(words[12])
      else { return nil }
      return ProcSocket(local: local, userID: user, inode: inode, drops: drops)
    }
  }

  private static func endpoint(_ text: Substring, _ family: AddressFamily) -> Endpoint? {
    let parts = text.split(separator: ":")
    guard parts.count == 2, let port = UInt16(parts[1], radix: 16) else { return nil }
    let length = family == .ipv4 ? 8 : 32
    guard parts[0].utf8.count == length else { return nil }
    var words: [UInt64] = []
    var rest = parts[0]
    while !rest.isEmpty {
      guard let word = UInt32(rest.prefix(8), radix: 16) else { return nil }
      words.append(UInt64(UInt32(bigEndian: word)))
      rest = rest.dropFirst(8)
    }
    let address =
      family == .ipv4
      ? IPAddress(family: .ipv4, high: 0, low: words[0])
      : IPAddress(family: .ipv6, high: words[0] << 32 | words[1], low: words[2] << 32 | words[3])
    return Endpoint(address, port: port)
  }

  /// Whether it may receive datagrams to `group`.
  func isBound(for group: Endpoint) -> Bool {
    guard local.port == group.port else { return false }
    // A wildcard IPv6 socket takes IPv4 as well unless it has IPV6_V6ONLY.
    return local.address == group.address
      || local.address.isUnspecified
        && (local.address.family == group.address.family || group.address.family == .ipv4)
  }
}
