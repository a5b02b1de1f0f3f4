// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Why a test cannot go on: something that it needs is not to be had.
package struct TestFailure: Error, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }

  /// - Parameters:
  ///   - call: the call that failed, with its object.
  ///   - errno: as the call set or returned it.
  package init(call: String, errno: Int32) { description = "\(call): \(String(cString: strerror(errno)))" }
}
