// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Platform

/// What a test finds of one host.
package struct HostFinding: Equatable, Sendable {
  /// Why it is unknown.
  package enum Unknown: Equatable, Sendable {
    /// The host was not heard, or never said anything.
    case neverHeard
    /// It was not heard within `fresh`.
    case stale
    /// It says nothing of this reading.
    case notSaid
    /// It says `?`.
    case saidUnknown
    /// It says something that cannot be compared.
    case mismatch(ReadingTest.Mismatch)
    /// What it says is not authentic, or not signed.
    case notAuthentic
    /// Two senders use its name.
    case contested
    /// It is not known whether it is there.
    case notJudged
  }

  package var result: Ternary
  /// What the host says; nil where it says nothing that counts.
  package var value: ReadingValue?
  /// Nil where the result is known.
  package var reason: Unknown?
  /// Whether the value is for practice.
  package var isDrill = false
  /// The last moment at which it is so without anything new, in nanoseconds of CLOCK_MONOTONIC.
  package var until = Int64.max

  init(_ isSo: Bool, _ value: ReadingValue) {
    result = Ternary(isSo)
    self.value = value
  }

  init(unknown reason: Unknown, _ value: ReadingValue? = nil) {
    result = .perhaps
    self.reason = reason
    self.value = value
  }

  /// The same for an operator: a host that is there, and says no reading at all, was heard.
  func explained(isThere: @autoclosure () -> Bool) -> HostFinding {
    reason == .neverHeard && isThere() ? HostFinding(unknown: .notSaid) : self
  }
}
