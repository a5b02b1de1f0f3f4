// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Heartbeat
@testable import Liveness
@testable import Platform

/// What events show about our own membership.
struct MembershipEvidenceTests {
  private static let second: Int64 = 1_000_000_000

  private static func id(_ host: UInt64) -> PeerID {
    PeerID(address: IPAddress(family: .ipv4, high: 0, low: 0x0a00_0000 + host), interface: 0)
  }

  /// Heartbeats of hosts at 1 Hz, judged each 100 ms, until nothing changes any more.
  ///
  /// - Parameter spans: When each host is heard, in whole seconds, by host.
  private func play(_ spans: [UInt64: [ClosedRange<Int64>]], until end: Int64) -> [(
    PeerEvent<PeerID>, MembershipEvidence?
  )] {
    var peers = PeerInterfaces(capacity: 16)
    _ = peers.number(of: "eth0")
    _ = peers.listen(on: [0], awaited: nil, now: 0)
    var seen: [(PeerEvent<PeerID>, MembershipEvidence?)] = []
    for step in 0..<end * 10 {
      let now = step * 100_000_000
      for (host, spans) in spans
      where step % 10 == Int64(host) && spans.contains(where: { $0.contains(step / 10) }) {
        peers.heard(
          HeartbeatArrival(arrival: now, payload: now / 1000, wallClock: now / 1000, port: 1),
          from: Self.id(host))
      }
      _ = peers.judge(at: now, now: now)
      for event in peers.takeEvents() { seen.append((event, peers.membershipEvidence(of: event))) }
    }
    return seen
  }

  @Test("a peer that is silent while another is heard shows nothing; the last one does")
  func single() {
    let one = play([1: [0...20], 2: [0...60]], until: 60)
    #expect(one.contains { if case .silent = $0.0 { true } else { false } })
    #expect(one.allSatisfy { $0.1 == nil })
    let alone = play([1: [0...20, 40...60]], until: 60).compactMap(\.1)
    #expect(
      alone == [
        .silence(last: 20 * Self.second + 100_000_000, interval: Self.second, isNetwork: false),
        // Of the second heartbeat: one alone may be a straggler.
        .heard(at: 41 * Self.second + 100_000_000),
      ])
  }

  @Test("a network's silence dates from its last beat, and its end from the first")
  func network() {
    let found = play([1: [0...20, 40...60], 2: [0...20, 40...60], 3: [0...20, 40...60]], until: 60)
    #expect(
      found.compactMap(\.1).prefix(2) == [
        .silence(last: 20 * Self.second + 300_000_000, interval: Self.second, isNetwork: true),
        .heard(at: 40 * Self.second + 100_000_000),
      ])
  }
}
