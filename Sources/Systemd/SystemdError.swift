// SPDX-License-Identifier: Apache-2.0

import Platform

/// A call to libsystemd, or for it, that failed.
package enum SystemdError: Error, Equatable, Sendable {
  /// A call failed with `errno` (positive); `object` is what it was about: a descriptor name, a message.
  case call(String, object: String, errno: Int32)
}

extension SystemdError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .call(let call, let object, let errno):
      "\(call) \(object): \(errnoText(errno))"
    }
  }
}
