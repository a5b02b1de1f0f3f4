// SPDX-License-Identifier: Apache-2.0

import Platform

/// Why an interface that is there cannot be used for a group yet, or any more.
package enum UnusableReason: Equatable, Sendable {
  case isDown
  /// It has no address to send from. The kernel would take that of another interface, or 0.0.0.0.
  case hasNoAddress(AddressFamily)
  /// IPv6 still asks whether an address is free, and sends nothing from it (RFC 4862, 5.4). It may be the one
  /// to send from, so the choice waits for all.
  case testsAddress

  /// - Parameters:
  ///   - isSending: whether it needs an address: a group is joined without any.
  ///   - source: the address that it is sent from already; nil for none.
  init?(_ entry: InterfaceTable.Entry, family: AddressFamily, isSending: Bool, source: IPAddress? = nil) {
    let addresses = entry.interface.addresses.filter { $0.family == family }
    let usable = addresses.filter { !entry.tentativeAddresses.contains($0) }
    if !entry.interface.isUp {
      self = .isDown
    } else if !isSending {
      return nil
    } else if addresses.isEmpty {
      self = .hasNoAddress(family)
    } else if let source, usable.contains(source) {
      return nil
    } else if usable.isEmpty || entry.isTesting(family) {
      self = .testsAddress
    } else {
      return nil
    }
  }

  /// What follows the interface's name: `is down`.
  var text: String {
    switch self {
    case .isDown: "is down"
    case .hasNoAddress(let family): "has no \(family.name) address"
    case .testsAddress: "still tests its IPv6 address"
    }
  }
}

extension UnusableReason {
  /// Why an interface that was in use is not any more, as a clause: `eth0 is down`, `eth0 is gone`.
  ///
  /// - Parameters:
  ///   - interface: as it was while it was in use.
  ///   - table: the interfaces as they are now.
  package static func ofLoss(
    _ interface: NetworkInterface, in table: InterfaceTable, family: AddressFamily, isSending: Bool
  ) -> String {
    guard let entry = table[index: interface.index] else { return "\(interface.name) is gone" }
    let now = entry.interface
    if now.name != interface.name { return "\(interface.name) is called \(now.name) now" }
    if table.ports.contains(now.index), let master = entry.master.flatMap({ table[index: $0] }) {
      return "\(interface.name) is a port of \(master.interface.name) now"
    }
    let reason = UnusableReason(entry, family: family, isSending: isSending)
    return "\(interface.name) \(reason?.text ?? "is no longer chosen")"
  }
}

extension InterfaceTable.Entry {
  /// Whether any address of the family is being tested, with a result to come.
  fileprivate func isTesting(_ family: AddressFamily) -> Bool {
    tentativeAddresses.contains { $0.family == family && !duplicateAddresses.contains($0) }
  }
}
