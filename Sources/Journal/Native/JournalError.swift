// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Why there is no way to the journal, or no such entry.
package enum JournalError: Error, Equatable, Sendable {
  /// A call failed with `errno` (positive); `object` names what it was about: a path, an entry.
  case call(String, object: String, errno: Int32)
  /// The path of a socket is longer than sockaddr_un holds: 107 bytes, unix(7).
  case pathTooLong(String)
  /// Not an identifier of 32 hexadecimal digits, or the all-zero one, sd-id128(3).
  case invalidMessageID(String)

  /// The errno of the failed call, 0 where none was made.
  package var errno: Int32 {
    if case .call(_, _, let errno) = self { errno } else { 0 }
  }
}

extension JournalError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .call(let call, let object, let errno):
      "\(call) \(object): \(String(cString: strerror(errno)))"
    case .pathTooLong(let path):
      "socket path longer than 107 bytes: \(path)"
    case .invalidMessageID(let text):
      "not a message ID of 32 hexadecimal digits: \(text)"
    }
  }
}
