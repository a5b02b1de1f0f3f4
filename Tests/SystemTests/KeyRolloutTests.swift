// SPDX-License-Identifier: Apache-2.0

import Glibc
import TestSupport
import Testing

extension SystemTests {
  /// From no keys to keys, and from one key to another, on hosts that go on sending.
  struct KeyRolloutTests {
    private static let old = "old hmac-sha256 \(SealedSender.secrets[0])"
    private static let new = "new hmac-sha256 \(SealedSender.secrets[1])"

    /// A step on all hosts: what each of them gets before it is told to reload.
    private struct Step {
      var mode: String
      var keys: [String]
      /// What heartbeats prove once all hosts have done it; nil where nobody asks.
      var proof: String?
      /// The key that they are sealed with then.
      var key: String?
    }

    private static let steps = [
      Step(mode: "off", keys: [], proof: nil, key: nil),
      Step(mode: "sign", keys: [old], proof: "ok", key: "old"),
      Step(mode: "require", keys: [old], proof: "ok", key: "old"),
      Step(mode: "require", keys: [old, new], proof: "ok", key: "old"),
      Step(mode: "require", keys: [new, old], proof: "ok", key: "new"),
      Step(mode: "require", keys: [new], proof: "ok", key: "new"),
    ]

    private struct Member {
      var host: NetworkNamespace
      var folder: KeyFolder
      var daemon: Daemon
    }

    @Test("three hosts at 10 Hz get keys, require them and replace them: no beat is lost, none refused")
    func rollout() async throws {
      try await Bridge.with(hosts: 3) { bridge in
        try await KeyFolder.with(3) { folders in
          for (place, folder) in folders.enumerated() { try Self.write(Self.steps[0], host: place, folder) }
          try await Self.daemons(Array(zip(bridge.hosts, folders))) { members in
            try await Self.hear(members) { $0.auth.isEmpty }
            var plain: [Int] = []
            for (number, step) in Self.steps.enumerated().dropFirst() {
              for (place, member) in members.enumerated() {
                try Self.write(step, host: place, member.folder)
                // Both ways to ask for it.
                if place == 1 {
                  try await member.host.run(
                    Repository.binary, "reload", environment: member.folder.environment
                  ).checked()
                } else {
                  member.daemon.send(signal: SIGHUP)
                }
                try await eventually("reload \(number) of \(member.daemon.report)") {
                  member.daemon.events(EventID.configurationApplied).count == number ? true : nil
                }
                // The others go on in between, as they do where somebody walks from host to host.
                try await Self.hear(members) { _ in true }
              }
              try await Self.hear(members) { $0.auth == step.proof }
              if number == 1 { plain = try await Self.unauthenticated(members) }
              for member in members {
                let last = try #require(member.daemon.lines.last { $0.contains(" host=") })
                #expect(last.contains(" mac=\(step.key ?? ""):"), "\(last)")
              }
            }
            try await Self.expectNothingLost(members, before: plain)
          }
        }
      }
    }

    /// Waits until each has heard five more heartbeats of each other one, the last of which are as wanted.
    private static func hear(_ members: [Member], _ isWanted: (KeyFolder.Peer) -> Bool) async throws {
      let before = members.map { member in
        members.indices.map { count(of: $0, in: member.daemon.lines) }
      }
      for (place, member) in members.enumerated() {
        for other in members.indices where other != place {
          let wanted = before[place][other] + 5
          let lines = await member.daemon.lines(within: .seconds(10)) { count(of: other, in: $0) >= wanted }
          guard lines != nil else {
            throw NeverHappened(description: "h\(other) is not heard by \(member.daemon.report)")
          }
        }
        try await eventually("they are as wanted: \(member.daemon.report)") {
          let peers = try await member.folder.peers(member.host)
          return peers.count == members.count - 1 && peers.allSatisfy { isWanted($0) } ? true : nil
        }
      }
    }

    private static func unauthenticated(_ members: [Member]) async throws -> [Int] {
      var counts: [Int] = []
      for member in members { counts.append(try await member.folder.status(member.host).unauthenticated) }
      return counts
    }

    private static func count(of host: Int, in lines: [String]) -> Int {
      lines.count { $0.contains(" host=h\(host) ") }
    }

    /// - Parameter before: How many heartbeats were without a code until all hosts had keys.
    private static func expectNothingLost(
      _ members: [Member], before: [Int]
    ) async throws {
      for (place, member) in members.enumerated() {
        for peer in try await member.folder.peers(member.host) {
          #expect(
            peer.state == "alive" && peer.missed == 0 && peer.duplicates == 0 && peer.reordered == 0
              && peer.restarts == 0, "\(peer)")
        }
        #expect(member.daemon.events(EventID.peerSilent) == [])
        // What it has of each other host are all numbers from its first to its last.
        for other in members.indices where other != place {
          let numbers = numbers(of: other, in: member.daemon)
          let (first, last) = (try #require(numbers.first), try #require(numbers.last))
          #expect(numbers == Array(first...last), "of h\(other) at h\(place)")
        }
        let proofs = Set(member.daemon.datagrams.compactMap { $0["MCAST_AUTH"] })
        #expect(proofs.isSubset(of: ["none", "ok"]), "\(proofs)")
        let status = try await member.folder.status(member.host)
        #expect(status.replayed == 0 && status.sendFailed == 0 && status.kernelDropped == 0)
        #expect(status.unauthenticated == before[place], "since all seal theirs none was refused")
        #expect(member.daemon.events(EventID.notAuthentic) == [])
      }
      try await expectAllSentReceived(members)
    }

    /// The last one started is heard by the others from its first heartbeat; it stops, and its own ledger is
    /// what they have of it.
    private static func expectAllSentReceived(_ members: [Member]) async throws {
      let last = members.count - 1
      members[last].daemon.send(signal: SIGTERM)
      let stopping = try await members[last].daemon.event(EventID.stopping)
      let sent = try #require(stopping["MCAST_LEDGER_SENT"].flatMap(Int.init), "\(stopping.names)")
      for member in members.dropLast() {
        try await member.daemon.event(EventID.peerLeft) { $0["MCAST_HOST"] == "h\(last)" }
        // Its goodbye is sent twice, with two numbers.
        try await member.daemon.lines(2) { $0.contains(" host=h\(last) ") && $0.contains(" bye=stop ") }
        #expect(count(of: last, in: member.daemon.lines) == sent)
        print("h\(last) sent \(sent), of which \(count(of: last, in: member.daemon.lines)) were received")
      }
    }

    private static func numbers(of host: Int, in daemon: Daemon) -> [Int] {
      daemon.lines.filter { $0.contains(" host=h\(host) ") }
        .compactMap { $0.firstMatch(of: #/ seq=(\d+) /#).flatMap { Int($0.1) } }
    }

    private static func write(_ step: Step, host: Int, _ folder: KeyFolder) throws {
      let keys = step.keys.isEmpty ? "" : "keys=\(folder.keys)\n"
      try folder.writeKeys(step.keys.joined(separator: "\n"))
      try folder.configure(
        "interface=eth0\ninterval=100ms\nname=h\(host)\n[auth]\nmode=\(step.mode)\n\(keys)[log]\nrate=0\n")
    }

    private static func daemons(
      _ hosts: [(NetworkNamespace, KeyFolder)], _ members: [Member] = [],
      _ body: ([Member]) async throws -> Void
    ) async throws {
      guard let (host, folder) = hosts.first else { return try await body(members) }
      try await host.daemon(["--config", folder.configuration], environment: folder.environment) { daemon in
        // It is joined before the next one sends.
        try await daemon.event(EventID.interfaceJoined)
        try await daemons(
          Array(hosts.dropFirst()), members + [Member(host: host, folder: folder, daemon: daemon)], body)
      }
    }
  }
}
