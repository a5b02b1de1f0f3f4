// SPDX-License-Identifier: Apache-2.0

import Glibc
import Platform

/// A system call that failed.
package struct MulticastError: Error, Equatable {
  /// As in its man page, with the option if any: `setsockopt IP_MULTICAST_IF`.
  package let call: String
  /// Object of the call: a group, an interface, an endpoint.
  package let object: String
  package let errno: Int32
  /// Whether a source was to be added to a membership that is there, for which another limit holds
  /// (`ErrnoAdvice.membershipLimit`).
  package var addsSource = false

  package static func system(call: String, object: String, errno: Int32) -> Self {
    Self(call: call, object: object, errno: errno)
  }

  /// The interface was removed between look-up and call: not a fault, the caller waits for it.
  package var isMissingInterface: Bool { [ENODEV, ENXIO, EADDRNOTAVAIL, ENETDOWN].contains(errno) }

  /// The sysctl of the limit that a join exceeded; nil for other errors.
  package func exceededLimit(_ family: AddressFamily) -> String? {
    errno == ENOBUFS ? ErrnoAdvice.membershipLimit(family, isFilter: addsSource) : nil
  }

  /// What to do about it at the start, or when a reload opens a new receiver.
  package func startAdvice(_ family: AddressFamily) -> String {
    ErrnoAdvice.start(errno, family: family, addsSource: addsSource)
  }
}

extension MulticastError: CustomStringConvertible {
  package var description: String { "\(call) for \(object): \(errnoText(errno))" }
}
