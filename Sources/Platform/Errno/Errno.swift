// SPDX-License-Identifier: Apache-2.0

import Glibc

/// `Network is unreachable (ENETUNREACH)`: the words for people, the name for a search engine.
package func errnoText(_ errno: Int32) -> String {
  // strerror(3)
  "\(String(cString: strerror(errno))) (\(errnoName(errno) ?? "errno \(errno)"))"
}

/// The names of the errors that sockets, netlink and files give (errno(3)); glibc's strerrorname_np is not
/// imported.
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
  case ECONNRESET: "ECONNRESET"
  case ETIMEDOUT: "ETIMEDOUT"
  case ENOENT: "ENOENT"
  case ENOTDIR: "ENOTDIR"
  case EISDIR: "EISDIR"
  case EEXIST: "EEXIST"
  case ENAMETOOLONG: "ENAMETOOLONG"
  case ELOOP: "ELOOP"
  case ENOSPC: "ENOSPC"
  case EDQUOT: "EDQUOT"
  case EROFS: "EROFS"
  case EIO: "EIO"
  case EPIPE: "EPIPE"
  case EBADF: "EBADF"
  case EBUSY: "EBUSY"
  case ENODATA: "ENODATA"
  case ESTALE: "ESTALE"
  case ENOTCONN: "ENOTCONN"
  case EPROTOTYPE: "EPROTOTYPE"
  case ENOTSOCK: "ENOTSOCK"
  default: nil
  }
}
