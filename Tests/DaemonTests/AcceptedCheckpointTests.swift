// SPDX-License-Identifier: Apache-2.0

import Glibc
import TestSupport
import Testing

@testable import Daemon
@testable import Heartbeat
@testable import Liveness
@testable import Monitor
@testable import Platform

/// What was accepted of hosts, in `peers.json`.
struct AcceptedCheckpointTests {
  private static let keys = "k hmac-sha256 \(SealedSender.secrets[0])\n"
  private static let group = SealedSender.group
  private static let second: Int64 = 1_000_000_000

  /// Hosts that were accepted for ten seconds, and how that is stored.
  private func stored(hosts: Int, in directory: String, isComplete: Bool = true) throws -> [SealedSender] {
    var senders = try (0..<hosts).map { try #require(try SealedSender("h\($0)", keys: Self.keys)) }
    var monitor = try monitor(nil)
    for time in 1...10 as ClosedRange<Int64> {
      for place in senders.indices {
        #expect(monitor.hear(senders[place].beat(at: time * Self.second), at: time * Self.second) == .ok)
      }
    }
    var checkpoint = PeerCheckpoint(
      group: "\(Self.group)", snapshots: monitor.liveness.snapshots(at: 10 * Self.second),
      names: monitor.liveness.names, isComplete: isComplete)
    checkpoint.accepted = monitor.accepted.stored
    try checkpoint.write(directory: directory)
    return senders
  }

  private func monitor(_ kept: PeerCheckpoint?, isGapless: Bool = true) throws -> Monitor {
    let now = 10 * Self.second
    var monitor = Monitor(
      Monitor.Configuration(
        group: Self.group, capacity: 5000, expected: [], sources: [], interval: Self.second),
      restoring: kept, realtime: kept == nil ? 0 : now, at: kept == nil ? 0 : now, isGapless: isGapless)
    let policy = Monitor.AuthenticationPolicy(mode: .require, keys: try SealedSender.ring(Self.keys))
    _ = monitor.handle(.authenticated(policy), at: kept == nil ? 0 : now)
    return monitor
  }

  private func read(_ directory: String) throws -> PeerCheckpoint {
    try #require(PeerCheckpoint.read(directory: directory, group: Self.group))
  }

  @Test("after a restart that lost nothing repetitions are refused, and all go on whatever the clocks say")
  func exact() throws {
    let directory = try TemporaryDirectory()
    var senders = try stored(hosts: 3, in: directory.path)
    let kept = try read(directory.path)
    #expect(kept.accepted.count == 3 && kept.snapshots.values.allSatisfy { $0.entries.isEmpty })
    var after = try monitor(kept)
    for place in senders.indices {
      #expect(after.hear(senders[place].again(at: 10 * Self.second), at: 11 * Self.second) == .replayed)
      #expect(after.hear(senders[place].beat(at: 3600 * Self.second), at: 11 * Self.second) == .ok)
    }
  }

  @Test("after a crash, or without the socket, the first one of each must be of now")
  func behind() throws {
    for (isComplete, isGapless) in [(false, true), (true, false), (false, false)] {
      let directory = try TemporaryDirectory()
      var senders = try stored(hosts: 3, in: directory.path, isComplete: isComplete)
      var after = try monitor(try read(directory.path), isGapless: isGapless)
      for place in senders.indices {
        let late = senders[place].beat(at: 3600 * Self.second)
        #expect(after.hear(late, at: 11 * Self.second) == .replayed)
        #expect(after.hear(senders[place].beat(at: 11 * Self.second), at: 11 * Self.second) == .ok)
        #expect(after.hear(late, at: 11 * Self.second) == .replayed)
      }
    }
  }

  @Test("a damaged line loses what was accepted of one host, and of no other")
  func damaged() throws {
    let directory = try TemporaryDirectory()
    _ = try stored(hosts: 300, in: directory.path)
    #expect(try read(directory.path).accepted.count == 300)
    let path = directory.path + "/peers.json"
    let file = try #require(fopen(path, "r+"))
    fseek(file, -2000, SEEK_END)
    fwrite(String(repeating: "}", count: 20), 1, 20, file)
    fclose(file)
    #expect(298...299 ~= (try read(directory.path).accepted.count))
    var status = stat()
    #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
    // Cut off in the middle of a line.
    #expect(truncate(path, status.st_size - 1000) == 0)
    #expect(250..<298 ~= (try read(directory.path).accepted.count))
  }

  @Test("of another group nothing is read, and what a version before wrote has none")
  func others() throws {
    let directory = try TemporaryDirectory()
    _ = try stored(hosts: 1, in: directory.path)
    let other = Endpoint(Self.group.address, port: 5002)
    #expect(PeerCheckpoint.read(directory: directory.path, group: other) == nil)
    // The file of a version before ends with the peers.
    let lines = try SourceTree.text(directory.path + "/peers.json").split(separator: "\n")
    #expect(lines.count == 2 && lines[1].hasPrefix("accepted "))
    let kept = PeerCheckpoint.decode(Array(lines[0].utf8), group: Self.group, namespace: nil)
    #expect(kept?.accepted == [])
  }
}

extension Monitor {
  /// What a datagram proves, at a time of both clocks.
  fileprivate mutating func hear(_ payload: [UInt8], at time: Int64) -> Proof? {
    payload.withUnsafeBytes { bytes in
      var datagram = Datagram(
        outline: Heartbeat.read(bytes), source: Endpoint(.unspecified(.ipv4), port: 5001), interface: 0,
        received: time, origin: .peer)
      authenticate(bytes, as: &datagram, at: time)
      return datagram.proof
    }
  }
}
