// SPDX-License-Identifier: Apache-2.0

import Glibc
import Platform

/// An error of the system: call, object and errno.
package enum MulticastError: Error, Equatable {
  /// A system call failed.
  ///
  /// - Parameters:
  ///   - call: as in its man page, with the option if any: `setsockopt IP_MULTICAST_IF`.
  ///   - object: object of the call: a group, an interface, an endpoint.
  ///   - errno: errno of the call.
  case system(call: String, object: String, errno: Int32)
  /// No interface has this name, address or index.
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

extension MulticastError {
  /// The interface was removed between look-up and call: not a fault, the caller waits for it.
  package var isMissingInterface: Bool {
    switch self {
    case .noInterface: true
    case .system(_, _, let errno): [ENODEV, ENXIO, EADDRNOTAVAIL, ENETDOWN].contains(errno)
    }
  }
}
