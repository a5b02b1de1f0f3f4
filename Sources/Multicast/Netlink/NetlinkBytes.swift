// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Platform

/// Bounds-checked reads and writes, in host byte order as in netlink(7).
extension ArraySlice<UInt8> {
  /// The integer at `offset` bytes from the start; `nil` if out of bounds.
  func integer<Value: FixedWidthInteger & BitwiseCopyable>(at offset: Int, as _: Value.Type) -> Value? {
    guard offset >= 0, offset <= count - MemoryLayout<Value>.size else { return nil }
    return withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: Value.self) }
  }

  /// The text up to the first NUL; bytes that are not UTF-8 are replaced.
  var text: String { String(decoding: prefix { $0 != 0 }, as: UTF8.self) }

  /// An address in network byte order, by its length; `nil` when it is neither 4 nor 16 bytes long.
  var address: IPAddress? {
    switch count {
    case 4:
      return integer(at: 0, as: UInt32.self).map {
        IPAddress(family: .ipv4, high: 0, low: UInt64(UInt32(bigEndian: $0)))
      }
    case 16:
      guard let high = integer(at: 0, as: UInt64.self), let low = integer(at: 8, as: UInt64.self) else {
        return nil
      }
      return IPAddress(family: .ipv6, high: UInt64(bigEndian: high), low: UInt64(bigEndian: low))
    default:
      return nil
    }
  }

  /// The bytes after the first `count`; empty if there are none.
  func rest(after count: Int) -> ArraySlice<UInt8> { dropFirst(Swift.max(0, count)) }
}

/// One attribute of a message (struct rtattr of rtnetlink(3)).
struct NetlinkAttribute: Equatable {
  /// IFLA_…, IFA_… or RTA_…, without the flags for nested and network byte order.
  var type: UInt16
  var payload: ArraySlice<UInt8>
}

/// The consecutive attributes of a message. Ends at the first one whose length does not fit.
struct NetlinkAttributes: Sequence, IteratorProtocol {
  private var bytes: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { self.bytes = bytes }

  mutating func next() -> NetlinkAttribute? {
    guard let length = bytes.integer(at: 0, as: UInt16.self),
      let type = bytes.integer(at: 2, as: UInt16.self),
      length >= 4, Int(length) <= bytes.count
    else { return nil }
    let payload = bytes.dropFirst(4).prefix(Int(length) - 4)
    bytes = bytes.rest(after: Int(clinux_rta_align(Int32(length))))
    return NetlinkAttribute(type: type & 0x3fff, payload: payload)
  }
}
