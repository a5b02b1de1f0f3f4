// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

extension SystemTests {
  /// What a change of the configuration does to what is known of peers.
  struct PeerReloadTests {
    /// Waits for so many reloads, the last one to this group.
    private static func applied(_ count: Int, by daemon: Daemon, group: String) async throws {
      let last = try await eventually("\(count) reloads") {
        let all = daemon.events(EventID.configurationApplied)
        return all.count >= count ? all[count - 1] : nil
      }
      #expect(last.message.contains("\(group):5001"))
    }

    @Test("a peer that the new configuration does not listen to is forgotten, and not called silent")
    func forgotten() async throws {
      try await Bridge.with(hosts: 2) { bridge in
        let hosts = bridge.hosts
        try await RuntimeDirectory.with { directory in
          let file = "\(directory)/mcastd.conf"
          func configure(_ text: String) throws {
            let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
            let bytes = Array(text.utf8)
            #expect(write(descriptor, bytes, bytes.count) == bytes.count)
            close(descriptor)
          }
          try configure("interface=eth0\n")
          let environment = ["RUNTIME_DIRECTORY": directory]
          try await hosts[0].daemon("--config", file, environment: environment) { daemon in
            try await hosts[1].peer("sender", "--interval", "0.1") { _ in
              try await daemon.lines(12) { $0.contains(" from 10.77.0.2:") }
              #expect(entries(of: "\(directory)/peers/alive") == ["10.77.0.2"])
              try configure("interface=eth0\ngroup=239.1.1.2\n")
              daemon.send(signal: SIGHUP)
              try await Self.applied(1, by: daemon, group: "239.1.1.2")
              #expect(entries(of: "\(directory)/peers/alive") == [])
              // Back, and it is a new one.
              try configure("interface=eth0\n")
              daemon.send(signal: SIGHUP)
              try await Self.applied(2, by: daemon, group: "239.1.1.1")
              let heard = daemon.lines.count
              try await daemon.lines(heard + 20)
              try configure("interface=lo\n")
              daemon.send(signal: SIGHUP)
              try await Self.applied(3, by: daemon, group: "239.1.1.1")
              #expect(entries(of: "\(directory)/peers/alive") == [])
              try await daemon.lines(daemon.lines.count + 3)
              #expect(daemon.events(EventID.peerSilent) == [])
              #expect(daemon.toldPeers(EventID.peerDiscovered) == ["10.77.0.2", "10.77.0.2"])
            }
          }
        }
      }
    }
  }
}
