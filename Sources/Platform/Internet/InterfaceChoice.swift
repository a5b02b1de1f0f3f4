// SPDX-License-Identifier: Apache-2.0

/// How an operator points at one interface.
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
