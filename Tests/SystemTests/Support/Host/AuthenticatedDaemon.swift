// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc
import Testing

/// The folder of a daemon with keys: `$RUNTIME_DIRECTORY`, `keys`, and `mcastd.conf`.
struct KeyFolder: Sendable {
  let path: String
  var keys: String { "\(path)/keys" }
  var configuration: String { "\(path)/mcastd.conf" }
  var environment: [String: String] { ["RUNTIME_DIRECTORY": path] }

  static func with<T>(_ body: (KeyFolder) async throws -> T) async throws -> T {
    try await RuntimeDirectory.with { try await body(KeyFolder(path: $0)) }
  }

  /// One for each of some hosts.
  static func with<T>(
    _ count: Int, _ body: ([KeyFolder]) async throws -> T
  ) async throws -> T {
    guard count > 0 else { return try await body([]) }
    return try await with(count - 1) { others in try await with { try await body(others + [$0]) } }
  }

  /// Replaces the file of keys, readable for its owner alone.
  func writeKeys(_ lines: String...) throws { try write(keys, lines.map { $0 + "\n" }.joined(), mode: 0o600) }

  /// Replaces the configuration.
  func configure(_ lines: String) throws { try write(configuration, lines, mode: 0o644) }

  /// Writes a rule into `rules`.
  func write(rule name: String, _ text: String) throws {
    mkdir("\(path)/rules", 0o755)
    try write("\(path)/rules/\(name).rule", text, mode: 0o644)
  }

  private func write(_ path: String, _ text: String, mode: mode_t) throws {
    unlink(path)
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
    defer { close(descriptor) }
    let bytes = Array(text.utf8)
    try #require(Glibc.write(descriptor, bytes, bytes.count) == bytes.count, "\(path)")
  }
}

/// What the daemon of a folder says of its peers and of itself.
extension KeyFolder {
  struct Peer: Decodable, Equatable {
    var host: String
    var address: String
    var state: String
    var auth: String
    var beats: Int
    var missed: Int
    var duplicates: Int
    var reordered: Int
    var restarts: Int
  }

  struct Status: Decodable {
    var sent: Int
    var sendFailed: Int
    var unauthenticated: Int
    var replayed: Int
    var kernelDropped: Int
  }

  /// Its peers, but for itself. A listing is at most a second old.
  func peers(_ host: NetworkNamespace) async throws -> [Peer] {
    struct Peers: Decodable { var peers: [Peer] }
    return try await decoded(Peers.self, "peers", host).peers.filter { $0.state != "self" }
  }

  func status(_ host: NetworkNamespace) async throws -> Status {
    try await decoded(Status.self, "status", host)
  }

  /// What a command prints with `--json`.
  func decoded<T: Decodable>(
    _ type: T.Type, _ command: String, _ host: NetworkNamespace
  ) async throws -> T {
    let output = try await host.run(Repository.binary, command, "--json", environment: environment)
    return try JSONDecoder().decode(type, from: Data(output.checked().standardOutput))
  }
}
