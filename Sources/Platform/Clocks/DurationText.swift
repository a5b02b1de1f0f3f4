// SPDX-License-Identifier: Apache-2.0

extension Duration {
  /// Whole nanoseconds, clamped to ±292 years.
  package var nanoseconds: Int64 {
    let (seconds, attoseconds) = components
    let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, overflowed) = whole.addingReportingOverflow(attoseconds / 1_000_000_000)
    guard !overflow, !overflowed else { return seconds < 0 ? .min : .max }
    return sum
  }
}

extension Int64 {
  /// Nanoseconds of so many microseconds, clamped to ±292 years.
  package init(microseconds: Int64) {
    let (nanoseconds, isOverflow) = microseconds.multipliedReportingOverflow(by: 1000)
    self = isOverflow ? (microseconds < 0 ? -.max : .max) : nanoseconds
  }
}

extension Int64 {
  /// This time so much later, clamped to the latest that there is.
  ///
  /// - Parameter span: Not negative, in the unit of the time.
  package func adding(clamped span: Int64) -> Int64 {
    let (end, isOverflow) = addingReportingOverflow(span)
    return isOverflow ? .max : end
  }
}

/// Durations in sentences, with a space before the unit.
package enum DurationText {
  /// A measured duration: `340 ms`, `2.4 s`, `11 min 33 s`, `3 h 12 min`, `2 d 4 h`.
  ///
  /// - Parameter nanoseconds: not negative.
  package static func words(_ nanoseconds: Int64) -> String {
    let milliseconds = nanoseconds / 1_000_000
    let seconds = milliseconds / 1000
    switch seconds {
    case ..<1: return "\(milliseconds) ms"
    case ..<60: return "\(Digits.tenths(milliseconds / 100)) s"
    case ..<3600: return "\(seconds / 60) min \(seconds % 60) s"
    case ..<86_400: return "\(seconds / 3600) h \(seconds / 60 % 60) min"
    default: return "\(seconds / 86_400) d \(seconds / 3600 % 24) h"
    }
  }

  /// The same of microseconds that another program counted; clamped to 0 and 292 years.
  package static func words(microseconds: Int64) -> String {
    words(Int64(microseconds: max(0, microseconds)))
  }

  /// A duration that was asked for, in seconds: `3 s`, `0.5 s`, `125 s`.
  package static func seconds(_ duration: Duration) -> String {
    let tenths = duration.nanoseconds / 100_000_000
    return tenths % 10 == 0 ? "\(tenths / 10) s" : "\(Digits.tenths(tenths)) s"
  }
}

/// Numbers that are not negative, in decimal.
package enum Digits {
  /// `1.2` of 12.
  package static func tenths(_ number: Int64) -> String { "\(number / 10).\(number % 10)" }

  /// At least two digits: `05`.
  package static func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
