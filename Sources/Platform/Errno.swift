// SPDX-License-Identifier: Apache-2.0

import Glibc

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
