// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

/// The network namespace (network_namespaces(7)) that sockets are opened in.
package enum NetworkNamespace {
  /// A number that no other namespace of this boot has (SO_NETNS_COOKIE); nil where the kernel does not tell,
  /// which is so before Linux 5.14.
  package static var cookie: UInt64? {
    // AF_UNIX is allowed in sandboxes that allow little else, and of the same namespace.
    let type = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    let descriptor = socket(AF_UNIX, type, 0)
    guard descriptor >= 0 else { return nil }
    return OwnedSocket(owning: descriptor).namespaceCookie
  }
}

extension OwnedSocket {
  /// The cookie of the namespace that this socket was opened in.
  var namespaceCookie: UInt64? { option(SOL_SOCKET, SocketOption.namespaceCookie, as: UInt64(0)) }
}
