// SPDX-License-Identifier: Apache-2.0

import Glibc

/// What the system refused: the call, what it was about, and errno.
package enum MulticastError: Error, Equatable {
  /// A system call failed.
  ///
  /// - Parameters:
  ///   - call: as in its man page, with the option where there is one: `setsockopt IP_MULTICAST_IF`.
  ///   - object: what it was about: a group, an interface, an endpoint.
  ///   - errno: as the call left it.
  case system(call: String, object: String, errno: Int32)
  /// No interface of this name, address or index is there.
  case noInterface(String)

  package var errno: Int32? {
    switch self {
    case .system(_, _, let errno): errno
    case .noInterface: nil
    }
  }
}

extension MulticastError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .system(let call, let object, let errno):
      "\(call) for \(object): \(errnoText(errno))"
    case .noInterface(let name):
      "no interface \(name)"
    }
  }
}

/// `Network is unreachable (ENETUNREACH)`: the words for people, the name for a search engine.
package func errnoText(_ errno: Int32) -> String {
  let words = String(cString: strerror(errno))
  return errnoName(errno).map { "\(words) (\($0))" } ?? "\(words) (errno \(errno))"
}

/// The names of the errors that sockets and netlink give (errno(3)); glibc's strerrorname_np is not imported.
private func errnoName(_ errno: Int32) -> String? {
  switch errno {
  case EPERM: "EPERM"
  case EACCES: "EACCES"
  case ENETUNREACH: "ENETUNREACH"
  case ENETDOWN: "ENETDOWN"
  case EHOSTUNREACH: "EHOSTUNREACH"
  case ENOBUFS: "ENOBUFS"
  case ENOMEM: "ENOMEM"
  case ENODEV: "ENODEV"
  case ENXIO: "ENXIO"
  case EINVAL: "EINVAL"
  case EADDRINUSE: "EADDRINUSE"
  case EADDRNOTAVAIL: "EADDRNOTAVAIL"
  case EAFNOSUPPORT: "EAFNOSUPPORT"
  case EMFILE: "EMFILE"
  case ENFILE: "ENFILE"
  case EMSGSIZE: "EMSGSIZE"
  case EAGAIN: "EAGAIN"
  case EOPNOTSUPP: "EOPNOTSUPP"
  case ECONNREFUSED: "ECONNREFUSED"
  case ENOENT: "ENOENT"
  default: nil
  }
}
