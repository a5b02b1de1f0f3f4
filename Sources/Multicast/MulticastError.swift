// SPDX-License-Identifier: Apache-2.0

import Glibc
import Platform

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

extension MulticastError {
  /// The interface went away between looking and asking: not a fault, but something to wait for.
  package var isMissingInterface: Bool {
    switch self {
    case .noInterface: true
    case .system(_, _, let errno): [ENODEV, ENXIO, EADDRNOTAVAIL, ENETDOWN].contains(errno)
    }
  }
}
