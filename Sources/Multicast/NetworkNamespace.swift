// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

/// The network namespace (network_namespaces(7)) in which sockets are opened.
package enum NetworkNamespace {
  /// Namespace cookie, unique since boot (SO_NETNS_COOKIE); nil if the kernel does not report it (before
  /// Linux 5.14).
  package static var cookie: UInt64? {
    // AF_UNIX is allowed even in strict sandboxes, and its sockets belong to the same namespace.
    let type = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    let descriptor = socket(AF_UNIX, type, 0)
    guard descriptor >= 0 else { return nil }
    return OwnedSocket(owning: descriptor).namespaceCookie
  }
}

extension OwnedSocket {
  /// Cookie of the namespace in which this socket was opened.
  var namespaceCookie: UInt64? { option(SOL_SOCKET, SocketOption.namespaceCookie, as: UInt64(0)) }
}
