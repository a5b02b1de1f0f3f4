// SPDX-License-Identifier: Apache-2.0

/// A configured reference to one interface.
package enum InterfaceReference: Hashable, Sendable, CustomStringConvertible {
  /// By the name that the kernel shows, or an alternative one: `eth0`, `enp3s0`.
  case name(String)
  /// By an address that is configured on it.
  case address(IPAddress)

  package var description: String {
    switch self {
    case .name(let name): name
    case .address(let address): "\(address)"
    }
  }
}

extension InterfaceReference {
  /// `nil` for text that is neither. The rules for names are the kernel's (dev_valid_name), with up to
  /// 127 bytes for an alternative name (ALTIFNAMSIZ - 1); digits and dots alone are a mistyped address.
  package init?(_ text: String) {
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

/// The interfaces to join and send on, as configured.
package enum InterfaceChoice: Hashable, Sendable {
  /// Where the route to the group leads, else the first interface that is up and multicast-capable, else lo.
  case automatic
  /// These, whenever they are there.
  case listed([InterfaceReference])
}

extension InterfaceChoice: CustomStringConvertible {
  /// As in the configuration: `auto`, or the references with commas between.
  package var description: String {
    switch self {
    case .automatic: "auto"
    case .listed(let references): references.map(\.description).joined(separator: ",")
    }
  }
}
