// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import TestSupport

/// Where the tests find what they drive.
enum Repository {
  /// The static release binary, as `packaging/test` builds it and containers get it.
  static let binary: String =
    ProcessInfo.processInfo.environment["MCASTD_BINARY"] ?? path("/.build/release/mcastd")

  /// The bridge, which stands beside it.
  static let bridge = binary + "-mqtt"

  /// - Parameter relative: begins with a slash.
  static func path(_ relative: String) -> String { SourceTree.root + relative }

  /// One of the Python programs that stand in for independent peers.
  static func peer(_ name: String) -> String { path("/Tests/SystemTests/Peers/\(name).py") }
}
