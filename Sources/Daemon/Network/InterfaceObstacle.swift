// SPDX-License-Identifier: Apache-2.0

import Multicast

/// Why an interface that is there cannot be used for a group yet, or any more.
enum InterfaceObstacle: Equatable, Sendable {
  case isDown
  /// It has no address to send from. The kernel would take that of another interface, or 0.0.0.0.
  case hasNoAddress(AddressFamily)
  /// IPv6 still asks whether its address is free, and sends nothing from it (RFC 4862, 5.4).
  case testsAddress

  /// - Parameter isSending: whether it needs an address: a group is joined without any.
  init?(_ entry: InterfaceTable.Entry, family: AddressFamily, isSending: Bool) {
    let addresses = entry.interface.addresses.filter { $0.family == family }
    if !entry.interface.isUp {
      self = .isDown
    } else if !isSending {
      return nil
    } else if addresses.isEmpty {
      self = .hasNoAddress(family)
    } else if addresses.allSatisfy(entry.tentativeAddresses.contains) {
      self = .testsAddress
    } else {
      return nil
    }
  }

  /// What follows the interface's name: `is down`.
  var text: String {
    switch self {
    case .isDown: "is down"
    case .hasNoAddress(let family): "has no \(family == .ipv4 ? "IPv4" : "IPv6") address"
    case .testsAddress: "still tests its IPv6 address"
    }
  }
}
