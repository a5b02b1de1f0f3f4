// SPDX-License-Identifier: Apache-2.0

import Platform

/// Why an existing interface cannot be used for a group, not yet or no longer.
package enum UnusableReason: Equatable, Sendable {
  case isDown
  /// No source address. The kernel would use that of another interface, or 0.0.0.0.
  case hasNoAddress(AddressFamily)
  /// IPv6 duplicate address detection is in progress, and a tentative address cannot be a source (RFC 4862,
  /// 5.4). It may be the preferred source, so the selection waits for all.
  case testsAddress

  /// - Parameters:
  ///   - isSending: whether it needs a source address; a join needs none.
  ///   - source: source address in use; nil for none.
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

  /// Predicate of a message whose subject is the interface: `is down`.
  var text: String {
    switch self {
    case .isDown: "is down"
    case .hasNoAddress(let family): "has no \(family.name) address"
    case .testsAddress: "still tests its IPv6 address"
    }
  }
}

extension UnusableReason {
  /// Why an interface is no longer used, as a clause: `eth0 is down`, `eth0 is gone`.
  ///
  /// - Parameters:
  ///   - interface: its state while it was in use.
  ///   - table: the interfaces at present.
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
  /// Whether an address of the family is tentative and not known to be a duplicate.
  fileprivate func isTesting(_ family: AddressFamily) -> Bool {
    tentativeAddresses.contains { $0.family == family && !duplicateAddresses.contains($0) }
  }
}
