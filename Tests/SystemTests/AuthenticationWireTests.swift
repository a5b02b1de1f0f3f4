// SPDX-License-Identifier: Apache-2.0

import Glibc
import TestSupport
import Testing

extension SystemTests {
  /// Codes on a wire, with Python's hmac and the Ed25519 of OpenSSL at the other end.
  struct AuthenticationWireTests {
    private static let mac = "m hmac-sha256 \(SealedSender.secrets[0])"
    /// A seed, and its public key by `cryptography`.
    private static let seed = "s ed25519 \(SealedSender.secrets[0])"
    private static let publicKey = "s ed25519-public 25lf4lFp0UHKubu6krqgH58uHs599MsqwFGQ83/MH50="

    private static func arguments(_ folder: KeyFolder, _ mode: String, name: String = "alpha") -> [String] {
      [
        "--interface", "eth0", "--interval", "200ms", "--name", name, "--auth-mode", mode, "--auth-keys",
        folder.keys,
      ]
    }

    /// A line of a file of keys as `authentic.py` takes it.
    private static func option(_ line: String) -> [String] {
      ["--key", line.split(separator: " ").joined(separator: ":")]
    }

    private static func python(_ action: String, _ options: [String]) -> [String] {
      ["python3", "-u", Repository.peer("authentic"), action] + options
    }

    @Test(
      "what Python seals is a peer, ok by its mac and signed by its signature, in entries and in the list",
      arguments: [([mac], "ok"), ([seed], "signed"), ([mac, seed], "signed")])
    func fromPython(keys: [String], proof: String) async throws {
      try await Bridge.with(hosts: 2) { bridge in
        let hosts = bridge.hosts
        try await KeyFolder.with { folder in
          try folder.writeKeys(Self.mac, Self.publicKey)
          try await hosts[0].daemon(Self.arguments(folder, "require"), environment: folder.environment) {
            daemon in
            let command = Self.python("send", ["--host", "python"] + keys.flatMap(Self.option))
            try await hosts[1].running(command) { _ in
              try await daemon.event(EventID.peerDiscovered) { $0["MCAST_HOST"] == "python" }
              try await daemon.lines(daemon.lines.count + 20)
              let peer = try await eventually("it is listed") { try await folder.peers(hosts[0]).first }
              #expect(peer.host == "python" && peer.state == "alive" && peer.auth == proof)
              let received = daemon.datagrams.filter { $0.message.contains(" from 10.77.0.2:") }
              #expect(received.count > 5 && received.allSatisfy { $0["MCAST_AUTH"] == proof })
              let status = try await folder.status(hosts[0])
              #expect(status.unauthenticated == 0 && status.replayed == 0)
            }
          }
        }
      }
    }

    @Test(
      "plain, forged, cross-group, repeated and stale heartbeats of Python are no peer and are marked",
      arguments: [
        ([], "none"), (option("m hmac-sha256 \(SealedSender.secrets[1])"), "bad"),
        (option("s ed25519 \(SealedSender.secrets[1])"), "bad"),
        (option(mac) + ["--sealed-for", "239.1.1.1:5002"], "bad"),
        (option(mac) + ["--ahead", "3600"], "replayed"), (option(mac) + ["--ahead", "-3600"], "replayed"),
      ])
    func hostile(options: [String], proof: String) async throws {
      try await Bridge.with(hosts: 2) { bridge in
        try await KeyFolder.with { folder in
          try folder.writeKeys(Self.mac, Self.publicKey)
          let arguments = Self.arguments(folder, "require")
          try await bridge.hosts[0].daemon(arguments, environment: folder.environment) { daemon in
            try await Self.suffer(Self.python("send", options), on: bridge.hosts[1], daemon)
            if proof == "replayed" { try await Self.expectClockOff(options.last ?? "", by: daemon) }
            let proofs = Self.proofs(daemon)
            #expect(proofs == Array(repeating: proof, count: proofs.count))
            #expect(entries(of: "\(folder.path)/peers/alive") == [])
            #expect(daemon.events(EventID.peerDiscovered) == [])
            let status = try await folder.status(bridge.hosts[0])
            #expect((status.unauthenticated > 0) == (proof != "replayed"))
            #expect((status.replayed > 0) == (proof == "replayed"))
          }
        }
      }
    }

    /// Runs a hostile sender until the daemon has told of it and has heard it for a while.
    private static func suffer(
      _ command: [String], on host: NetworkNamespace, _ daemon: Daemon
    ) async throws {
      try await host.running(command) { _ in
        let told = try await daemon.event(EventID.notAuthentic)
        #expect(told["MCAST_LOUDEST"]?.hasPrefix("10.77.0.2 ") == true)
        try await daemon.lines(20) { $0.contains(" from 10.77.0.2:") }
      }
    }

    /// What the heartbeats of the second host prove.
    private static func proofs(_ daemon: Daemon) -> [String] {
      daemon.datagrams.filter { $0.message.contains(" from 10.77.0.2:") }.map { $0["MCAST_AUTH"] ?? "" }
    }

    /// The clock of the host `python` is named, with by how much ours is behind.
    private static func expectClockOff(_ seconds: String, by daemon: Daemon) async throws {
      let clock = try await daemon.event(EventID.clockOff)
      let ours = try #require(clock["MCAST_OFFSET_USEC"].flatMap { Double($0) })
      let theirs = try #require(Double(seconds))
      #expect(clock["MCAST_HOST"] == "python")
      #expect(abs(ours / 1e6 + theirs) < 5, "\(clock)")
    }

    @Test("of two copies of each heartbeat one counts, and the other is replayed")
    func repeated() async throws {
      try await Bridge.with(hosts: 2) { bridge in
        let hosts = bridge.hosts
        try await KeyFolder.with { folder in
          try folder.writeKeys(Self.mac)
          try await hosts[0].daemon(Self.arguments(folder, "require"), environment: folder.environment) {
            daemon in
            let command = Self.python(
              "send", Self.option(Self.mac) + ["--copies", "2", "--count", "20", "--interval", "0.05"])
            #expect(try await hosts[1].run(command).succeeded)
            try await daemon.lines(40) { $0.contains(" from 10.77.0.2:") }
            let proofs = daemon.datagrams.filter { $0.message.contains(" from 10.77.0.2:") }
              .compactMap { $0["MCAST_AUTH"] }
            #expect(proofs == (0..<20).flatMap { _ in ["ok", "replayed"] })
            let peer = try await eventually("it is listed") { try await folder.peers(hosts[0]).first }
            #expect(peer.beats == 20 && peer.duplicates == 0 && peer.missed == 0)
            let status = try await folder.status(hosts[0])
            #expect(status.unauthenticated == 0 && status.replayed == 20)
          }
        }
      }
    }

    @Test(
      "what the daemon sends is accepted by Python",
      arguments: [
        ([mac], "mac=m:ok"), ([seed], "sig=s:ok"), ([mac, seed, publicKey], "mac=m:ok,sig=s:ok"),
      ])
    func toPython(keys: [String], proof: String) async throws {
      try await Bridge.with(hosts: 2) { bridge in
        try await KeyFolder.with { folder in
          try folder.writeKeys(keys.joined(separator: "\n"))
          let options = Self.option(Self.mac) + Self.option(Self.publicKey)
          try await bridge.hosts[1].running(Self.python("receive", options)) { receiver in
            try await receiver.line { $0 == "ready" }
            try await bridge.hosts[0].daemon(Self.arguments(folder, "sign")) { daemon in
              try await receiver.lines(10) { $0.contains(" ATU ") }
              daemon.send(signal: SIGTERM)
              try await receiver.lines(2) { $0.contains(" bye=stop ") }
            }
            let beats = receiver.lines.filter { $0.contains(" ATU ") }
            #expect(beats.allSatisfy { $0.hasPrefix("10.77.0.1 \(proof) ATU ") }, "\(beats)")
            #expect(beats.allSatisfy { $0.contains(" host=alpha run=") })
          }
        }
      }
    }
  }
}
