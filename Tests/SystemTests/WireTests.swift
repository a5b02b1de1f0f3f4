// SPDX-License-Identifier: Apache-2.0

import Testing

extension SystemTests {
  /// Traffic that crosses a wire, with independent Python peers at the other end.
  struct WireTests {
    @Test("a Python sender and a Python receiver on another host: each hears the other, 30 bytes")
    func python() async throws {
      try await Bridge.with(hosts: 2) { bridge in
        let peer = bridge.hosts[1]
        try await bridge.hosts[0].running(Repository.binary, "run", "--interface", "eth0") { daemon in
          try await peer.peer("receiver") { receiver in
            try await receiver.line { $0 == "ready" }
            try await peer.peer("sender", "--count", "3", "--interval", "0.3") { _ in
              try await daemon.lines(3) {
                $0.wholeMatch(of: /received 30 bytes from 10\.77\.0\.2:\d+ on eth0: ATU .{26}/) != nil
              }
            }
            let heard = try await receiver.line { $0.contains(" 10.77.0.1 ") }
            let form = /[\d.]+ 10\.77\.0\.1 30 ATU \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}/
            #expect(heard.wholeMatch(of: form) != nil, "\(heard)")
          }
        }
      }
    }

    @Test("two daemons on a bridge hear each other, and not another group on the same port")
    func otherGroup() async throws {
      try await Bridge.with(hosts: 3) { bridge in
        let hosts = bridge.hosts
        try await hosts[0].running(Repository.binary, "run", "--interface", "eth0") { first in
          try await hosts[1].running(Repository.binary, "run", "--interface", "eth0") { second in
            // Someone else on the first host wants that group, so that the kernel takes its datagrams in.
            try await hosts[0].peer("receiver", "--group", "239.1.1.2", "--share") { neighbour in
              try await neighbour.line { $0 == "ready" }
              try await hosts[2].peer("sender", "--group", "239.1.1.2", "--count", "3", "--interval", "0.1") {
                _ in
                try await neighbour.line { $0.contains(" 10.77.0.3 ") }
              }
              try await first.line { $0.contains(" from 10.77.0.2:") }
              try await second.line { $0.contains(" from 10.77.0.1:") }
              // Two beats later whatever was in the socket has been read.
              try await first.lines(first.lines.count + 2)
              #expect(!first.lines.contains { $0.contains("10.77.0.3") }, "\(first.lines)")
            }
          }
        }
      }
    }

    @Test("several daemons on one host share the group and the port")
    func severalOnOneHost() async throws {
      try await NetworkNamespace.with { host in
        try await host.running(Repository.binary, "run", "--interface", "lo") { first in
          try await host.running(Repository.binary, "run", "--interface", "lo", "--interval", "200ms") {
            second in
            try await first.lines(8, within: .seconds(5))
            try await second.lines(8, within: .seconds(5))
            let sources = Set(first.lines.compactMap { $0.firstMatch(of: /from (\S+) on/)?.1 })
            #expect(sources.count == 2, "each hears both: \(sources)")
          }
        }
      }
    }
  }
}
