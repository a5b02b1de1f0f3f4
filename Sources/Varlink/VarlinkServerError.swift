// SPDX-License-Identifier: Apache-2.0

import Platform

/// Why a server does not listen.
package enum VarlinkServerError: Error, Equatable, CustomStringConvertible {
  /// Another process answers there.
  case inUse(path: String)
  /// Something that is not such a socket stands there.
  case notASocket(path: String)
  /// The path is empty, or sockaddr_un has no room for it; `limit` is in bytes.
  case pathTooLong(path: String, limit: Int)
  /// The server listens already, or has been stopped.
  case alreadyStarted(path: String)
  /// A system call failed.
  case system(call: String, path: String, errno: Int32)

  package var description: String {
    switch self {
    case .inUse(let path): "\(path): another process listens there"
    case .notASocket(let path): "\(path): there is a file that is not a socket"
    case .pathTooLong(let path, let limit): "\(path): not a socket's path (1 to \(limit) bytes)"
    case .alreadyStarted(let path): "\(path): the server was started before"
    case .system(let call, let path, let errno): "\(path): \(call): \(errnoText(errno))"
    }
  }
}
