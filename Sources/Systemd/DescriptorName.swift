// SPDX-License-Identifier: Apache-2.0

import Platform

/// The name of a descriptor in systemd's store: FDNAME=, sd_notify(3), at most 255 printable ASCII characters
/// without a colon (LISTEN_FDNAMES= is separated by it, so an IPv6 address would not come back whole).
///
/// Made of any text: a colon, `%` and all but printable ASCII become `%NN`. A longer name is cut and ends in
/// `%-` and a hash of the whole text, so that different texts keep different names.
package struct DescriptorName: Hashable, Sendable, CustomStringConvertible {
  package static let maximumLength = 255

  /// As systemd holds it.
  package let description: String

  package init(_ text: String) {
    var name: [UInt8] = []
    for byte in text.utf8 {
      if Escape.isPrintableASCII(byte) && byte != UInt8(ascii: ":") && byte != UInt8(ascii: "%") {
        name.append(byte)
      } else {
        name += [
          UInt8(ascii: "%"), Escape.hexadecimalDigit(byte >> 4), Escape.hexadecimalDigit(byte & 15),
        ]
      }
    }
    if name.count > Self.maximumLength {
      var hash = StableHash()
      hash.mix(name)
      let suffix = "%-" + String(hash.value, radix: 16)
      name = name.prefix(Self.maximumLength - suffix.utf8.count) + Array(suffix.utf8)
    }
    description = String(decoding: name, as: UTF8.self)
  }

  /// A name from LISTEN_FDNAMES=.
  package init(stored name: String) {
    description = name
  }
}
