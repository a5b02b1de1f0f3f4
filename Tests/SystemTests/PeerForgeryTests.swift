// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Testing

extension SystemTests {
  /// Heartbeats from sources that do not exist. A million of them with MCASTD_LONG_TESTS=1, 300,000
  /// otherwise.
  struct PeerForgeryTests {
    @Test("forged sources by the hundred thousand: memory stays, real peers keep their verdicts")
    func forged() async throws {
      let isLong = ProcessInfo.processInfo.environment["MCASTD_LONG_TESTS"] == "1"
      let count = isLong ? 1_000_000 : 300_000
      try await Bridge.with(hosts: 5) { bridge in
        let hosts = bridge.hosts
        // Sources from anywhere, which a host with reverse path filtering would not let in.
        try await hosts[0].run(
          "sysctl", "-qw", "net.ipv4.conf.all.rp_filter=0", "net.ipv4.conf.eth0.rp_filter=0"
        ).checked()
        try await RuntimeDirectory.with { directory in
          try await hosts[0].daemon("--interface", "eth0", environment: ["RUNTIME_DIRECTORY": directory]) {
            daemon in
            try await hosts[1].daemon("--interface", "eth0") { _ in
              try await hosts[2].daemon("--interface", "eth0") { _ in
                try await hosts[3].daemon("--interface", "eth0") { _ in
                  for number in 2...4 { try await Self.beats(10, of: number, daemon) }
                  let before = try daemon.memory("VmRSS")
                  let flood = try await hosts[4].run(
                    "python3", Repository.peer("forge"), "--count", "\(count)", within: .seconds(120)
                  ).checked()
                  let after = try daemon.memory("VmRSS")
                  let status = try await Self.status(directory, hosts[0])
                  print("forged: \(flood.text.dropLast()) s, RSS \(before) to \(after) KiB, \(status)")
                  #expect(status.received + status.kernelDropped >= count)
                  #expect(after - before <= 8 * 1024, "KiB")
                  // Seven more beats of each: who was to be silent because of the flood would be by now.
                  for number in 2...4 { try await Self.beats(7, of: number, daemon) }
                  #expect(try daemon.memory("VmRSS") - before <= 8 * 1024, "KiB")
                  for number in 2...4 {
                    let name = "10.77.0.\(number)"
                    #expect(daemon.toldPeers(EventID.peerDiscovered).count { $0 == name } == 1)
                    #expect(!daemon.toldPeers(EventID.peerSilent).contains(name))
                    #expect(entries(of: "\(directory)/peers/alive").contains(name))
                  }
                }
              }
            }
          }
        }
      }
    }

    /// Waits for so many more.
    private static func beats(_ count: Int, of host: Int, _ daemon: Daemon) async throws {
      let source = " from \(Bridge.address(ofHost: host)):"
      let before = daemon.lines.count { $0.contains(source) }
      try await daemon.lines(before + count, within: .seconds(30)) { $0.contains(source) }
    }

    private struct Status: Decodable {
      var received: Int
      var kernelDropped: Int
      var summarised: Int
    }

    private static func status(_ directory: String, _ host: NetworkNamespace) async throws -> Status {
      let output = try await host.run(
        Repository.binary, "status", "--json", environment: ["RUNTIME_DIRECTORY": directory]
      ).checked()
      return try JSONDecoder().decode(Status.self, from: Data(output.standardOutput))
    }
  }
}
