// SPDX-License-Identifier: Apache-2.0

import Testing

extension SystemTests {
  /// How soon and how regularly: the one suite that holds the daemon to a clock outside. What a busy machine
  /// adds is no fault of the daemon, so each figure is the best of several.
  struct PunctualityTests {
    @Test("100 beats at 100 ms drift by less than one interval in total")
    func drift() async throws {
      try await Bridge.with(hosts: 2) { bridge in
        try await bridge.hosts[1].peer("receiver") { receiver in
          try await receiver.line { $0 == "ready" }
          try await bridge.hosts[0].daemon("--interface", "eth0", "--interval", "100ms") { _ in
            let lines = try await receiver.lines(101, within: .seconds(30))[1...100]
            let beats = lines.compactMap(ReceivedBeat.init)
            #expect(beats.count == 100)
            #expect(beats.allSatisfy { $0.size == 30 })
            // How far each is from the first one's raster; one that is late says nothing, since all can only
            // be late.
            let late = beats.enumerated().map { $1.arrival - beats[0].arrival - 0.1 * Double($0) }
            let (first, last) = try (#require(late.prefix(10).min()), #require(late.suffix(10).min()))
            #expect(abs(last - first) < 0.1, "s: \(late)")
          }
        }
      }
    }

    @Test("an interface that can be used again is heard on, and sent from, within a second")
    func interface() async throws {
      try await Bridge.with(hosts: 2) { bridge in
        let (host, peer) = (bridge.hosts[0], bridge.hosts[1])
        try await peer.peer("receiver", "--share") { receiver in
          try await receiver.line { $0 == "ready" }
          try await peer.peer("sender", "--interval", "0.1") { _ in
            try await host.daemon("--interface", "eth0", "--interval", "100ms") { daemon in
              var times: [(hears: Duration, isHeard: Duration)] = []
              for _ in 0..<5 {
                try await host.ip("link", "set", "eth0", "down")
                try await host.ip("link", "set", "eth0", "up")
                async let hears = ContinuousClock().measure { try await daemon.hears("from 10.77.0.2:") }
                async let isHeard = ContinuousClock().measure { try await receiver.hears(" 10.77.0.1 ") }
                times.append(try await (hears, isHeard))
              }
              #expect(try #require(times.map(\.hears).min()) < .seconds(1), "\(times)")
              #expect(try #require(times.map(\.isHeard).min()) < .seconds(1), "\(times)")
            }
          }
        }
      }
    }
  }
}

/// A line of `receiver.py`.
private struct ReceivedBeat {
  /// Monotonic seconds.
  let arrival: Double
  let source: String
  let size: Int

  init?(_ line: String) {
    let words = line.split(separator: " ")
    guard words.count >= 4, let arrival = Double(words[0]), let size = Int(words[2]) else { return nil }
    self.arrival = arrival
    source = String(words[1])
    self.size = size
  }
}
