// SPDX-License-Identifier: Apache-2.0

import Monitor

/// Whether sends succeed on one interface. A failure is reported once when it begins and once when it ends.
package struct SendHealth: Equatable {
  private var errno: Int32?
  private var failures = 0
  /// Time of the first failed send, in monotonic nanoseconds; nil while sends succeed.
  private(set) var failingSince: Int64?

  package init() {}

  /// - Parameters:
  ///   - errno: Of the failed send; nil for success.
  ///   - now: monotonic nanoseconds.
  package mutating func note(_ errno: Int32?, at now: Int64) -> SendingEvent? {
    guard let errno else {
      guard self.errno != nil else { return nil }
      defer { self = SendHealth() }
      return .recovered(failures: failures)
    }
    failures += 1
    if failingSince == nil { failingSince = now }
    guard self.errno != errno else { return nil }
    self.errno = errno
    return .failing(errno: errno)
  }
}
