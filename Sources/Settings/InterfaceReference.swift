// SPDX-License-Identifier: Apache-2.0

import Platform

extension InterfaceReference {
  /// `nil` when the text can be neither: the rules for names are the kernel's (dev_valid_name), and what looks
  /// like an address but is none is taken for a slip, not for a name. An alternative name has up to 127 bytes
  /// (ALTIFNAMSIZ - 1).
  init?(_ text: String) {
    if let address = IPAddress(text) {
      guard !address.isMulticast, !address.isUnspecified else { return nil }
      self = .address(address)
      return
    }
    guard (1...127).contains(text.utf8.count), text != ".", text != "..", text != "auto" else { return nil }
    guard
      text.unicodeScalars.allSatisfy({
        $0 != "/" && $0 != ":" && !$0.properties.isWhitespace && Escape.isVisible($0)
      })
    else { return nil }
    guard !text.contains(".") || !text.utf8.allSatisfy({ $0 == 0x2e || (0x30...0x39).contains($0) })
    else { return nil }
    self = .name(text)
  }
}
