// SPDX-License-Identifier: Apache-2.0

import Testing

/// The releases of Debian that mcastd is for. The raw value is the name that debootstrap knows.
enum DebianRelease: String, CaseIterable, CustomTestStringConvertible {
  case bookworm
  case trixie

  /// As VERSION_ID in os-release(5).
  var number: Int {
    switch self {
    case .bookworm: 12
    case .trixie: 13
    }
  }

  /// What a test's output calls it.
  var testDescription: String { "Debian \(number) (\(rawValue))" }
}
