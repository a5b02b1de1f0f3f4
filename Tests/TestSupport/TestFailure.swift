// SPDX-License-Identifier: Apache-2.0

/// Why a test cannot go on: something that it needs is not to be had.
package struct TestFailure: Error, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }

  /// A call that failed, with its errno.
  package init(call: String, errno: Int32) { description = "\(call): errno \(errno)" }
}
