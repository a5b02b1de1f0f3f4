// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Testing

/// Five hosts on one wire that beat five times a second, and a sixth with a real broker; the bridge runs on
/// the first and follows its daemon.
struct BrokerHosts: Sendable {
  static let names = ["h1", "h2", "h3", "h4", "h5"]

  private let hosts: [NetworkNamespace]
  private let folders: [KeyFolder]

  /// For the files of broker and bridge.
  var folder: String { folders[5].path }
  var broker: NetworkNamespace { hosts[5] }
  static let address = Bridge.address(ofHost: 6)

  static func with(_ body: (BrokerHosts) async throws -> Void) async throws {
    try await Bridge.with(hosts: 6) { bridge in
      try await KeyFolder.with(6) { folders in
        let hosts = BrokerHosts(hosts: bridge.hosts, folders: folders)
        for number in 1...5 { try hosts.configure(number, as: "h\(number)") }
        try await body(hosts)
      }
    }
  }

  // MARK: Daemons

  /// Runs the daemon of a host, by its number from 1.
  func daemon<T>(_ number: Int, _ body: (Daemon) async throws -> T) async throws -> T {
    let folder = folders[number - 1]
    return try await hosts[number - 1].daemon(
      "--config", folder.configuration, environment: folder.environment
    ) { daemon in
      try await daemon.event(EventID.started)
      return try await body(daemon)
    }
  }

  /// Runs the daemons of these hosts.
  func daemons(
    _ numbers: ClosedRange<Int> = 1...5, _ body: ([Daemon]) async throws -> Void
  ) async throws {
    guard numbers.lowerBound < numbers.upperBound else {
      return try await daemon(numbers.lowerBound) { try await body([$0]) }
    }
    try await daemons(numbers.lowerBound...numbers.upperBound - 1) { daemons in
      try await daemon(numbers.upperBound) { try await body(daemons + [$0]) }
    }
  }

  private func configure(_ number: Int, as name: String?) throws {
    let folder = folders[number - 1]
    try folder.configure(
      "interface=eth0\ninterval=200ms\nrules.directory=\(folder.path)/rules\n"
        + (name.map { "name=\($0)\n" } ?? ""))
  }

  /// Has a daemon go on under another name, or without one, and by these rules alone.
  func reload(_ number: Int, as name: String?, rules: [String: String]) async throws {
    let folder = folders[number - 1]
    try configure(number, as: name)
    try? FileManager.default.removeItem(atPath: "\(folder.path)/rules")
    for (name, text) in rules { try folder.write(rule: name, text) }
    try await hosts[number - 1].run(
      Repository.binary, "reload", environment: folder.environment
    ).checked()
  }

  /// Has a host say a reading.
  func set(_ word: String, on number: Int) async throws {
    try await hosts[number - 1].run(
      Repository.binary, "set", word, environment: folders[number - 1].environment
    ).checked()
  }

  /// What the daemon of a host knows, as `KEY=VALUE` of a host.
  func readings(of host: String, on number: Int) async throws -> [String: String] {
    let known = try await folders[number - 1].decoded(
      ReadingHost.Listing.self, "readings", hosts[number - 1]
    ).readings
    return Dictionary(
      known.filter { $0.host == host && $0.quality == "good" }.map { ($0.key, $0.value) },
      uniquingKeysWith: { first, _ in first })
  }

  // MARK: The broker

  /// Runs mosquitto, which keeps nothing over its end.
  ///
  /// - Parameter lines: Of its configuration; without them all may connect.
  func mosquitto<T>(
    _ lines: String = "listener 1883\nallow_anonymous true\n", _ body: (ChildProcess) async throws -> T
  ) async throws -> T {
    let path = "\(folder)/mosquitto.conf"
    try Data(("user root\n" + lines).utf8).write(to: URL(fileURLWithPath: path))
    return try await broker.running("mosquitto", "-c", path) { process in
      try await process.errorLine { $0.hasSuffix(" running") }
      return try await body(process)
    }
  }

  /// What is retained, without `mcastd/site/`.
  func held(_ options: [String] = [], filter: String = "mcastd/#") async throws -> [String: String] {
    let output = try await broker.run(
      ["mosquitto_sub", "-V", "5", "-W", "1", "--retained-only", "-v", "-t", filter] + options)
    return Dictionary(
      output.lines.compactMap { line in
        guard let blank = line.firstIndex(of: " ") else { return nil }
        let topic = line[..<blank]
        let prefix = "mcastd/site/"
        return (
          String(topic.hasPrefix(prefix) ? topic.dropFirst(prefix.count) : topic),
          String(line[line.index(after: blank)...])
        )
      }, uniquingKeysWith: { $1 })
  }

  /// Waits until the broker holds this and nothing else.
  func holds(
    _ wanted: [String: String], _ options: [String] = [], within limit: Duration = .seconds(15)
  ) async throws {
    var last: [String: String] = [:]
    try await eventually("\(wanted), but \(last)", within: limit) {
      last = try await held(options)
      return last == wanted ? last : nil
    }
  }

  /// Publishes at the broker.
  func publish(_ topic: String, _ payload: String, retained: Bool = false) async throws {
    try await broker.run(
      ["mosquitto_pub", "-V", "5", "-q", "1", "-t", topic, payload.isEmpty ? "-n" : "-s"]
        + (retained ? ["-r"] : []),
      input: Array(payload.utf8)
    ).checked()
  }

  /// Runs a subscriber, whose lines are `SECONDS TOPIC PAYLOAD`.
  func watching<T>(
    _ filter: String = "mcastd/#", _ body: (ChildProcess) async throws -> T
  ) async throws -> T {
    try await broker.running(
      ["mosquitto_sub", "-V", "5", "-t", filter, "-F", "%U %t %p"], body)
  }

  /// TCP connections that failed, of the bridge's host (proc_net(5), AttemptFails).
  func failedConnections() async throws -> Int {
    let lines = try await hosts[0].run("cat", "/proc/net/snmp").checked().lines.filter {
      $0.hasPrefix("Tcp:")
    }
    let table = lines.map { $0.split(separator: " ") }
    let column = try #require(table.first?.firstIndex(of: "AttemptFails"))
    return try #require(Int(table[1][column]))
  }

  // MARK: The bridge

  /// Runs the bridge with these settings in [mqtt].
  ///
  /// - Parameter credentials: What $CREDENTIALS_DIRECTORY has.
  func bridge<T>(
    _ lines: String = "", credentials: [String: String] = [:], control: String? = nil,
    _ body: (ChildProcess) async throws -> T
  ) async throws -> T {
    let configuration = "\(folder)/mqtt.conf"
    try Data("[mqtt]\nhost=\(Self.address)\nexpire=5s\n\(lines)".utf8)
      .write(to: URL(fileURLWithPath: configuration))
    var environment: [String: String] = [:]
    if !credentials.isEmpty {
      let directory = "\(folder)/credentials"
      try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
      for (name, text) in credentials {
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(directory)/\(name)"))
      }
      environment["CREDENTIALS_DIRECTORY"] = directory
    }
    return try await hosts[0].running(
      Repository.bridge, "run", "--config", configuration, "--control",
      control ?? "\(folders[0].path)/io.mcastd", environment: environment, body)
  }
}
