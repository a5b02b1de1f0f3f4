// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Platform

/// What a peer is known by: the name that it gives itself, or its address where it gives none.
package enum PeerSubject: Hashable, Sendable {
  case address(IPAddress)
  case name(HostName)

  /// Who sent a heartbeat.
  package init(_ said: Announcement?, from address: IPAddress) {
    self = said?.host.map { .name($0) } ?? .address(address)
  }

  /// The address or name that a text is; nil if it is neither.
  package init?(_ text: some StringProtocol) {
    if let address = IPAddress(text) {
      self = .address(address)
    } else if let name = HostName(text) {
      self = .name(name)
    } else {
      return nil
    }
  }

  /// The address; nil of a named one.
  package var address: IPAddress? { if case .address(let address) = self { address } else { nil } }

  /// The name; nil of one without.
  package var name: HostName? { if case .name(let name) = self { name } else { nil } }
}

extension PeerSubject: CustomStringConvertible {
  /// `ups1`, or `10.0.0.5`.
  package var description: String {
    switch self {
    case .address(let address): "\(address)"
    case .name(let name): "\(name)"
    }
  }
}

// No name reads as an address.
extension PeerSubject: TextCodable {}
