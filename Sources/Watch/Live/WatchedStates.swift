// SPDX-License-Identifier: Apache-2.0

import Platform

/// The states of this host's rules, as the daemon's files have them (`states/active`, `states/inactive`):
/// what is done about what is shown. Watching needs no daemon, and without one there are none.
struct WatchedStates: Equatable, Sendable {
  struct Active: Equatable, Sendable {
    var name: String
    /// When it was entered, in nanoseconds of CLOCK_REALTIME; nil where the file does not say.
    var since: Int64?
  }

  /// States whose files are looked at.
  private static let most = 1000

  /// In order of their names.
  var active: [Active] = []
  /// How many are not active.
  var inactive = 0

  var isEmpty: Bool { active.isEmpty && inactive == 0 }

  /// - Parameter directory: The runtime directory of the daemon.
  init(in directory: String) {
    func names(_ folder: String) -> [String] {
      (try? DirectoryNames.read("\(directory)/states/\(folder)", limit: Self.most)) ?? []
    }
    active = names("active").sorted().map { name in
      Active(name: name, since: Self.since("\(directory)/states/active/\(name)"))
    }
    inactive = names("inactive").count
  }

  /// - Parameters:
  ///   - active: In order of their names.
  ///   - inactive: How many are not active.
  init(active: [Active] = [], inactive: Int = 0) { (self.active, self.inactive) = (active, inactive) }

  private static func since(_ path: String) -> Int64? {
    guard let bytes = try? FileContents.read(path, limit: 4096, onlyRegular: true) else { return nil }
    let label = "since_usec="
    return bytes.split(separator: UInt8(ascii: "\n")).lazy
      .map { String(decoding: $0, as: UTF8.self) }
      .first { $0.hasPrefix(label) }
      .flatMap { Int64($0.dropFirst(label.count)) }
      .map { Int64(microseconds: $0) }
  }
}
