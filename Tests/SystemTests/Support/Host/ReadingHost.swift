// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Testing

/// A host with a name, its daemon, and all that `mcastd monitor` tells of readings there.
struct ReadingHost: Sendable {
  /// A reading in an event or in a listing; times in microseconds since the epoch.
  struct Told: Decodable, Sendable {
    var event: String?
    var timeUsec: Int?
    var host: String
    var address: String?
    var key: String
    var value: String
    var quality: String

    /// When it was, where it is an event.
    var time: Int { timeUsec ?? 0 }
  }

  /// What `mcastd readings --json` prints.
  struct Listing: Decodable { var readings: [Told] }

  /// An event of a peer.
  struct PeerEvent: Decodable {
    var event: String
    var timeUsec: Int
    var host: String?
  }

  let name: String
  let namespace: NetworkNamespace
  let daemon: Daemon
  private let monitor: ChildProcess
  private let directory: String

  /// Hosts `h1`, `h2` … on one wire, each of which knows all others.
  ///
  /// - Parameter spare: Hosts without a daemon, which follow.
  static func with<T>(
    _ count: Int, spare: Int = 0, interval: String = "1s",
    _ body: ([ReadingHost], [NetworkNamespace]) async throws -> T
  ) async throws -> T {
    try await Bridge.with(hosts: count + spare) { bridge in
      try await start(bridge.hosts.prefix(count), interval, []) { hosts in
        for host in hosts { try await host.knows(hosts.map(\.name)) }
        return try await body(hosts, Array(bridge.hosts.dropFirst(count)))
      }
    }
  }

  private static func start<T>(
    _ namespaces: ArraySlice<NetworkNamespace>, _ interval: String, _ started: [ReadingHost],
    _ body: ([ReadingHost]) async throws -> T
  ) async throws -> T {
    guard let namespace = namespaces.first else { return try await body(started) }
    return try await RuntimeDirectory.with { directory in
      try await run(on: namespace, as: "h\(started.count + 1)", interval, directory) { host in
        try await start(namespaces.dropFirst(), interval, started + [host], body)
      }
    }
  }

  private static func run<T>(
    on namespace: NetworkNamespace, as name: String, _ interval: String, _ directory: String,
    _ body: (ReadingHost) async throws -> T
  ) async throws -> T {
    let environment = ["RUNTIME_DIRECTORY": directory]
    let options = ["--interface", "eth0", "--name", name, "--interval", interval]
    return try await namespace.daemon(options, environment: environment) { daemon in
      try await daemon.event(EventID.started)
      return try await namespace.running(
        [Repository.binary, "monitor", "--json"], environment: environment
      ) { monitor in
        try await monitor.line { $0.contains("snapshot-complete") }
        return try await body(
          ReadingHost(
            name: name, namespace: namespace, daemon: daemon, monitor: monitor, directory: directory))
      }
    }
  }

  /// Starts the daemon of this host again, which has ended.
  func again<T>(interval: String, _ body: (ReadingHost) async throws -> T) async throws -> T {
    try await Self.run(on: namespace, as: name, interval, directory, body)
  }

  private func knows(_ names: [String]) async throws {
    for name in names where name != self.name {
      try await monitor.line { line in
        Self.decoded(PeerEvent.self, line).map {
          $0.host == name && ["snapshot-peer", "peer-discovered"].contains($0.event)
        } ?? false
      }
    }
  }

  /// Runs a command of mcastd beside the daemon.
  @discardableResult
  func run(_ arguments: String...) async throws -> Output {
    try await run(arguments)
  }

  @discardableResult
  func run(_ arguments: [String]) async throws -> Output {
    try await namespace.run(
      [Repository.binary] + arguments, environment: ["RUNTIME_DIRECTORY": directory])
  }

  // MARK: What it knows

  /// All that was told of the readings of a host so far, in order.
  func told(of host: String) -> [Told] { monitor.lines.compactMap(Self.told).filter { $0.host == host } }

  /// All that was told of peers so far, in order.
  var peerEvents: [PeerEvent] { monitor.lines.compactMap { Self.decoded(PeerEvent.self, $0) } }

  /// Waits until something is told.
  ///
  /// - Parameter count: How much is passed over: as many as `told` had.
  /// - Throws: ``NeverHappened``.
  @discardableResult
  func told(
    of host: String, after count: Int = 0, within limit: Duration = .seconds(10),
    where isWanted: @escaping @Sendable (Told) -> Bool
  ) async throws -> Told {
    let find = { @Sendable (lines: [String]) in
      lines.compactMap(Self.told).filter { $0.host == host }.dropFirst(count).first(where: isWanted)
    }
    guard let lines = await monitor.lines(within: limit, until: { find($0) != nil }), let found = find(lines)
    else { throw NeverHappened(description: "not told of \(host) within \(limit): \(monitor.report)") }
    return found
  }

  /// What `mcastd readings` has at the moment.
  func listed() async throws -> [Told] {
    let output = try await run("readings", "--json").checked()
    return try JSONDecoder().decode(Listing.self, from: Data(output.standardOutput)).readings
  }

  private static func told(_ line: String) -> Told? { decoded(Told.self, line) }

  private static func decoded<T: Decodable>(_ type: T.Type, _ line: String) -> T? {
    try? JSONDecoder().decode(type, from: Data(line.utf8))
  }
}
