// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// Where the tests find what they drive.
enum Repository {
  /// The repository's root: four folders above this file's own.
  static let root: String = {
    var components = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    components.removeLast(5)
    return components.joined(separator: "/")
  }()

  /// The static release binary, as `packaging/test` builds it and containers get it.
  static let binary: String =
    ProcessInfo.processInfo.environment["MCASTD_BINARY"] ?? path("/.build/release/mcastd")

  /// - Parameter relative: begins with a slash.
  static func path(_ relative: String) -> String { root + relative }

  /// One of the Python programs that stand in for independent peers.
  static func peer(_ name: String) -> String { path("/Tests/SystemTests/Peers/\(name).py") }
}
