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

  /// This machine's release; Debian 12 on other systems. What is built here needs the C library of here, or a
  /// later one.
  static let machine = release(ofSystem: lines(of: "/etc/os-release"))

  /// Those that what is built here runs on: all of them on Debian 12.
  static let tested = allCases.filter { $0.number >= machine.number }

  /// - Parameter lines: of os-release(5).
  private static func release(ofSystem lines: [String]) -> DebianRelease {
    allCases.first { lines.contains("VERSION_CODENAME=\($0.rawValue)") } ?? .bookworm
  }
}
