// SPDX-License-Identifier: Apache-2.0

import Glibc
import Platform

/// Why a socket kept over a restart cannot be adopted as the receive socket of a group.
package enum AdoptionObstacle: Equatable, Sendable {
  /// Not a UDP socket of the group's address family.
  case otherKind
  /// Bound to another address or port.
  case otherEndpoint
  /// IPV6_V6ONLY is off, which cannot be changed once the socket is bound (EINVAL).
  case ipv4Mapped
  /// Opened in another network namespace, so it cannot receive on interfaces of this one; or the kernel does
  /// not report the namespace.
  case otherNamespace
}

extension AdoptionObstacle: CustomStringConvertible {
  /// Predicate of a message whose subject is "the socket".
  package var description: String {
    switch self {
    case .otherKind: "is no UDP socket of the group's address family"
    case .otherEndpoint: "is bound to another address"
    case .ipv4Mapped: "takes IPv4 as well"
    case .otherNamespace: "belongs to another network namespace"
    }
  }
}

extension MulticastReceiver {
  /// Why `init(adopting:group:receiveBuffer:)` would refuse a descriptor. The descriptor is left unchanged.
  ///
  /// - Returns: nil if it can be adopted.
  package static func obstacle(toAdopting descriptor: Int32, group: Endpoint) -> AdoptionObstacle? {
    // Checks a duplicate, closed at the end. If the descriptor is not open or is a file, reading an option
    // fails.
    obstacle(toAdopting: OwnedSocket(owning: fcntl(descriptor, F_DUPFD_CLOEXEC, 0)), group: group)
  }

  static func obstacle(toAdopting socket: borrowing OwnedSocket, group: Endpoint) -> AdoptionObstacle? {
    let family = group.address.family
    guard socket.option(SOL_SOCKET, SO_TYPE, as: Int32(0)) == Int32(SOCK_DGRAM.rawValue),
      socket.option(SOL_SOCKET, SO_DOMAIN, as: Int32(0)) == family.domain,
      socket.option(SOL_SOCKET, SO_PROTOCOL, as: Int32(0)) == Int32(IPPROTO_UDP)
    else { return .otherKind }
    guard socket.localEndpoint == bindAddress(for: group) else { return .otherEndpoint }
    if family == .ipv6, socket.option(family.level, IPV6_V6ONLY, as: Int32(0)) != 1 { return .ipv4Mapped }
    guard let cookie = socket.namespaceCookie, cookie == NetworkNamespace.cookie else {
      return .otherNamespace
    }
    return nil
  }
}
