// SPDX-License-Identifier: Apache-2.0

/// Times as people read them.
package enum Milliseconds {
  /// `340 ms`, `2.4 s`, `11 min 33 s`, `3 h 12 min`, `2 d 4 h`.
  ///
  /// - Parameter nanoseconds: not negative.
  package static func text(_ nanoseconds: Int64) -> String {
    let milliseconds = nanoseconds / 1_000_000
    let seconds = milliseconds / 1000
    switch seconds {
    case ..<1: return "\(milliseconds) ms"
    case ..<60: return "\(seconds).\(milliseconds % 1000 / 100) s"
    case ..<3600: return "\(seconds / 60) min \(seconds % 60) s"
    case ..<86_400: return "\(seconds / 3600) h \(seconds / 60 % 60) min"
    default: return "\(seconds / 86_400) d \(seconds / 3600 % 24) h"
    }
  }
}
