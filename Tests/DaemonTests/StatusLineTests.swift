// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Daemon
@testable import Heartbeat
@testable import Journal
@testable import Liveness
@testable import Settings

struct StatusLineTests {
  private func text(
    _ values: [Key: String] = [:], receiving: [String] = ["eth0"], sending: [String] = ["eth0"],
    waitingFor: [String] = [], peers: PeerCounts? = nil, conditions: [Condition] = []
  ) throws -> String {
    var ledger = Ledger()
    var batch = Ledger.Batch()
    batch.queued = 42
    ledger.receive(batch)
    for beat in 0..<9 { ledger.send(succeeded: beat < 7) }
    return StatusLine(
      settings: try .with(values), receiving: receiving, sending: sending, waitingFor: waitingFor,
      ledger: ledger, peers: peers, conditions: conditions
    ).text
  }

  @Test("equal directions are shown once")
  func both() throws {
    #expect(try text() == "239.1.1.1:5001 on eth0 · 42 received, 0 dropped")
    #expect(
      try text(receiving: ["eth0", "eth1"], sending: ["eth0", "eth1"])
        == "239.1.1.1:5001 on eth0, eth1 · 42 received, 0 dropped")
  }

  private func counts(alive: Int, late: Int, silent: Int) -> PeerCounts {
    var counts = PeerCounts()
    (counts.alive, counts.late, counts.silent) = (alive, late, silent)
    return counts
  }

  @Test("peers are counted: late ones as alive, silent ones if there are any")
  func peers() throws {
    #expect(
      try text(peers: counts(alive: 2, late: 1, silent: 1))
        == "239.1.1.1:5001 on eth0 · 42 received, 0 dropped · 3 peers alive, 1 silent")
    #expect(
      try text(peers: counts(alive: 1, late: 0, silent: 0))
        == "239.1.1.1:5001 on eth0 · 42 received, 0 dropped · 1 peer alive")
  }

  @Test("unknown peers are counted, and each condition that suspends verdicts is named once")
  func conditions() throws {
    #expect(
      try text(
        peers: PeerCounts(alive: 1, silent: 2, unknown: 3),
        conditions: [
          Condition(kind: .cannotSend, interface: "eth1", since: 0),
          Condition(kind: .networkSilent, interface: "eth1", since: 0),
          Condition(kind: .networkSilent, interface: "eth0", since: 0),
          Condition(kind: .verdictsSuspended, interface: "eth0", since: 0),
          Condition(kind: .verdictsSuspended, interface: "eth1", since: 0),
        ])
        == "239.1.1.1:5001 on eth0 · 42 received, 0 dropped · 1 peer alive, 2 silent, 3 unknown"
        + " · network silent on eth0, eth1 · cannot send on eth1"
        + " · verdicts suspended, the kernel drops too much")
    // What is waited for is not named twice.
    let gone = [Condition(kind: .interfaceGone, interface: "eth7", since: 0)]
    #expect(
      try text(waitingFor: ["eth7"], conditions: gone)
        == "239.1.1.1:5001 on eth0 · waiting for eth7 · 42 received, 0 dropped")
  }

  @Test("different directions are shown separately")
  func directions() throws {
    #expect(
      try text([.publishGroup: "ff15::1", .publishPort: "6000"])
        == "receiving 239.1.1.1:5001 on eth0, sending to [ff15::1]:6000 on eth0 · 42 received, 0 dropped")
    #expect(
      try text(sending: ["eth1"])
        == "receiving 239.1.1.1:5001 on eth0, sending to 239.1.1.1:5001 on eth1 · 42 received, 0 dropped")
  }

  @Test("a disabled direction is not shown")
  func oneDirection() throws {
    #expect(
      try text([.subscribeEnabled: "no"], receiving: [])
        == "sending to 239.1.1.1:5001 on eth0 · 7 sent, 2 failed")
    #expect(
      try text([.publishEnabled: "no"], sending: [])
        == "receiving 239.1.1.1:5001 on eth0 · 42 received, 0 dropped")
  }

  @Test("missing interfaces are named")
  func waiting() throws {
    #expect(
      try text([.interface: "eth0,eth7"], waitingFor: ["eth7"])
        == "239.1.1.1:5001 on eth0 · waiting for eth7 · 42 received, 0 dropped")
    #expect(
      try text([.interface: "eth7"], receiving: [], sending: [], waitingFor: ["eth7"])
        == "239.1.1.1:5001 · waiting for eth7 · 42 received, 0 dropped")
  }

  @Test("lo for want of another interface is noted, unless lo is configured")
  func onlyLoopback() throws {
    #expect(
      try text(receiving: ["lo"], sending: ["lo"])
        == "239.1.1.1:5001 on lo (there is no other interface) · 42 received, 0 dropped")
    #expect(
      try text([.interface: "lo"], receiving: ["lo"], sending: ["lo"])
        == "239.1.1.1:5001 on lo · 42 received, 0 dropped")
  }
}
