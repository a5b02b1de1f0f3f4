// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc
import Testing

extension SystemTests {
  /// `mcastd monitor`, and the call behind it.
  struct MonitorTests {
    private struct Line: Decodable {
      var event: String
      var address: String?
      var interface: String?
      var state: String?
      var message: String?
      var messageId: String?
    }

    private static func decoded(_ lines: [String]) throws -> [Line] {
      try lines.map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)) }
    }

    @Test("a peer that comes, falls silent and comes back is a line each time, after a snapshot")
    func peer() async throws {
      try await Bridge.with(hosts: 2) { bridge in
        let hosts = bridge.hosts
        try await RuntimeDirectory.with { directory in
          let socket = "\(directory)/control"
          try await hosts[0].daemon("--interface", "eth0", "--control", socket) { daemon in
            try await eventually("the control socket") { access(socket, F_OK) == 0 ? () : nil }
            func monitoring(_ options: String..., body: (ChildProcess) async throws -> Void) async throws {
              try await hosts[0].running(
                [Repository.binary, "monitor", "--control", socket] + options, body)
            }
            try await monitoring("--json") { monitor in
              try await monitor.line { $0.contains("snapshot-complete") }
              try await hosts[1].peer("sender", "--interval", "0.1") { _ in
                try await monitor.line { $0.contains("peer-discovered") }
                // Who calls now finds it in the snapshot.
                try await monitoring("--json") { second in
                  try await second.line { $0.contains("snapshot-complete") }
                  let peer = try Self.decoded(second.lines).first { $0.event == "snapshot-peer" }
                  #expect(peer?.address == "10.77.0.2" && peer?.interface == "eth0")
                  #expect(peer?.state == "alive")
                  second.send(signal: SIGINT)
                  #expect(try await second.exit().status == .exited(0))
                }
                // Until its pace is known.
                try await daemon.lines(100) { $0.contains(" from 10.77.0.2:") }
              }
              try await monitor.line(within: .seconds(60)) { $0.contains("peer-silent") }
              try await monitoring { text in
                try await text.line { $0.hasSuffix(" peer 10.77.0.2 on eth0: silent") }
                try await hosts[1].peer("sender", "--interval", "0.1") { _ in
                  try await monitor.line { $0.contains("peer-back") }
                  try await text.line { $0.contains(" peer 10.77.0.2 on eth0 is back, after ") }
                }
              }
              daemon.send(signal: SIGTERM)
              let output = try await monitor.exit()
              #expect(output.status == .exited(69))
              let lines = try Self.decoded(output.lines)
              #expect(lines.last?.event == "stopping")
              let ofPeer = lines.filter { $0.address == "10.77.0.2" }
              #expect(ofPeer.map(\.event) == ["peer-discovered", "peer-silent", "peer-back"])
              #expect(ofPeer.map(\.state) == ["alive", "silent", "alive"])
              #expect(ofPeer[1].messageId == EventID.peerSilent && ofPeer[1].message != nil)
            }
          }
        }
      }
    }

    @Test("without a daemon it ends with 69 and says how to start one")
    func noDaemon() async throws {
      try await NetworkNamespace.with { host in
        let output = try await host.run(
          Repository.binary, "monitor", "--control", "/run/mcastd-no-such/io.mcastd")
        #expect(output.status == .exited(69))
        #expect(output.errorText.contains("/run/mcastd-no-such/io.mcastd"))
      }
    }

    @Test("a caller that does not read is told of the overrun and closed; another one misses nothing")
    func overrun() async throws {
      let count = 2500
      try await NetworkNamespace.with { host in
        try await RuntimeDirectory.with { directory in
          let socket = "\(directory)/control"
          try await host.daemon("--interface", "lo", "--control", socket, "--log-level", "warning") { _ in
            try await eventually("the control socket") { access(socket, F_OK) == 0 ? () : nil }
            try await host.running(
              Repository.binary, "monitor", "--json", "--control", socket
            ) { monitor in
              try await monitor.line { $0.contains("snapshot-complete") }
              try await host.peer("caller", socket, "mute") { mute in
                try await mute.line { $0 == "ready" }
                try await host.run("python3", Repository.peer("crowd"), "\(count)", "500").checked()
                try await monitor.lines(count, within: .seconds(30)) { $0.contains("peer-discovered") }
                mute.send(signal: SIGUSR1)
                let output = try await mute.exit()
                #expect(output.lines.suffix(2) == ["io.mcastd.Overrun", "closed"])
                #expect(output.lines.count { $0 == "peer-discovered" } < count)
              }
            }
          }
        }
      }
    }
  }
}
