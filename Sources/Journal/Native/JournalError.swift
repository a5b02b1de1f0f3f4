// SPDX-License-Identifier: Apache-2.0

import Platform

/// Why the journal cannot be reached, or an entry not be sent.
package enum JournalError: Error, Equatable, Sendable {
  /// A system call failed. `object` is what it was for, a path or an entry; errno is positive.
  case call(String, object: String, errno: Int32)
  /// The path of a socket is empty, or longer than sockaddr_un holds (unix(7)).
  case pathTooLong(String)
}

extension JournalError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .call(let call, let object, let errno):
      "\(call) \(object): \(errnoText(errno))"
    case .pathTooLong(let path):
      "\(path): not a socket's path (1 to \(UnixAddress.longestPath) bytes)"
    }
  }
}
