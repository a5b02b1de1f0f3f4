// SPDX-License-Identifier: Apache-2.0

import Platform

/// Why an interface that was in use is not any more, for people.
package enum InterfaceFate {
  /// - Parameters:
  ///   - interface: as it was while it was in use.
  ///   - table: the interfaces as they are now.
  package static func text(
    of interface: NetworkInterface, in table: InterfaceTable, family: AddressFamily, isSending: Bool
  ) -> String {
    guard let entry = table[index: interface.index] else { return "\(interface.name) is gone" }
    let now = entry.interface
    if now.name != interface.name { return "\(interface.name) is called \(now.name) now" }
    if table.ports.contains(now.index), let master = entry.master.flatMap({ table[index: $0] }) {
      return "\(interface.name) is a port of \(master.interface.name) now"
    }
    let obstacle = InterfaceObstacle(entry, family: family, isSending: isSending)
    return "\(interface.name) \(obstacle?.text ?? "is no longer chosen")"
  }
}
