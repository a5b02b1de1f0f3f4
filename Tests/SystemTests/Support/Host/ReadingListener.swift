// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc

/// A host that hears what others say: a daemon, and what `mcastd monitor` tells of it.
struct ReadingListener: Sendable {
  /// A line about a reading.
  struct Told: Decodable, Equatable, Sendable {
    var event: String
    /// When, in microseconds of CLOCK_REALTIME.
    var timeUsec: Int64
    var host: String
    var key: String
    var value: String
    var quality: String

    /// Whether it is as its host says it.
    func isGood(_ value: String) -> Bool { quality == "good" && self.value == value }
  }

  let name: String
  private let monitor: ChildProcess

  /// Runs one on a host of a ``Bridge`` for the time of `body`.
  static func with<T>(
    _ host: NetworkNamespace, name: String, _ body: (ReadingListener) async throws -> T
  ) async throws -> T {
    try await RuntimeDirectory.with { directory in
      let socket = "\(directory)/control"
      return try await host.daemon("--interface", "eth0", "--name", name, "--control", socket) { _ in
        try await eventually("the control socket") { access(socket, F_OK) == 0 ? () : nil }
        return try await host.running(
          Repository.binary, "monitor", "--json", "--control", socket
        ) { monitor in
          try await monitor.line { $0.contains("snapshot-complete") }
          return try await body(ReadingListener(name: name, monitor: monitor))
        }
      }
    }
  }

  /// How many lines there were so far: where a wait may begin.
  var position: Int { monitor.lines.count }

  /// Waits until it is told of a reading.
  ///
  /// - Parameters:
  ///   - position: how many lines are passed over.
  ///   - isWanted: of the lines about this reading.
  /// - Returns: the first of them.
  /// - Throws: ``NeverHappened``.
  @discardableResult
  func told(
    _ key: String, of host: String, after position: Int, within limit: Duration = .seconds(10),
    where isWanted: @escaping @Sendable (Told) -> Bool
  ) async throws -> Told {
    try await find(key, host, within: limit) { lines in
      Self.about(key, host, lines.dropFirst(position)).first(where: isWanted)
    }
  }

  /// Waits until what it was told last of a reading is as wanted.
  ///
  /// - Throws: ``NeverHappened``.
  func knows(
    _ key: String, of host: String, within limit: Duration = .seconds(10),
    where isWanted: @escaping @Sendable (Told) -> Bool
  ) async throws {
    _ = try await find(key, host, within: limit) { lines in
      Self.about(key, host, lines[...]).last.flatMap { isWanted($0) ? $0 : nil }
    }
  }

  private func find(
    _ key: String, _ host: String, within limit: Duration,
    _ find: @escaping @Sendable ([String]) -> Told?
  ) async throws -> Told {
    let lines = await monitor.lines(within: limit) { find($0) != nil }
    guard let told = lines.flatMap(find) else {
      throw NeverHappened(
        description: "\(name) was not told so of \(host)'s \(key) within \(limit): \(monitor.report)")
    }
    return told
  }

  private static func about(_ key: String, _ host: String, _ lines: ArraySlice<String>) -> [Told] {
    lines.compactMap { try? JSONDecoder().decode(Told.self, from: Data($0.utf8)) }
      .filter { $0.key == key && $0.host == host }
  }
}
