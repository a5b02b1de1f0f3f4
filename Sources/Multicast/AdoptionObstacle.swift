// SPDX-License-Identifier: Apache-2.0

import Glibc
import Platform

/// Why a socket that was kept over a restart cannot go on as the receive socket of a group.
package enum AdoptionObstacle: Equatable, Sendable {
  /// Not a UDP socket of the group's address family.
  case otherKind
  /// Bound to another address or port.
  case otherEndpoint
  /// IPV6_V6ONLY is off, which cannot be changed once the socket is bound (EINVAL).
  case ipv4Mapped
  /// Opened in another network namespace, where nothing is heard of the interfaces of this one; or the kernel
  /// does not tell.
  case otherNamespace
}

extension AdoptionObstacle: CustomStringConvertible {
  /// What follows "the socket".
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
  /// Why `init(adopting:group:receiveBuffer:)` would refuse a descriptor, which is left as it is.
  ///
  /// - Returns: nil when it would take it over.
  package static func obstacle(toAdopting descriptor: Int32, group: Endpoint) -> AdoptionObstacle? {
    // A duplicate of the descriptor, closed at the end; not open, it has no option, as a file has none.
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
