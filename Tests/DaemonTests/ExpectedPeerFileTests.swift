// SPDX-License-Identifier: Apache-2.0

import Glibc
import TestSupport
import Testing

@testable import Daemon
@testable import Heartbeat
@testable import Liveness
@testable import Platform

struct ExpectedPeerFileTests {
  private static let second: Int64 = 1_000_000_000

  @Test("the file of an expected link-local peer goes when it is heard, also before the first judgement")
  func heardAtOnce() throws {
    let runtime = try TemporaryDirectory()
    let address = IPAddress(family: .ipv6, high: 0xfe80 << 48, low: 7)
    var peers = GroupLiveness(
      PeerInterfaces(capacity: 16), expected: ExpectedPeers([.address(address)]), realtime: 0, at: 0,
      isGapless: false)
    _ = peers.number(of: "eth0")
    _ = peers.listen(on: [0], awaited: nil, now: 0)
    var files = PeerFileSink(directory: PeerDirectory(runtime: runtime.path))
    files.restore(peers)
    let file = "\(runtime.path)/peers/unknown/\(address)"
    #expect(access(file, F_OK) == 0)
    for time in 1...Int64(2) {
      peers.heard(
        HeartbeatArrival(
          arrival: time * Self.second, payload: time * 1_000_000, wallClock: time * 1_000_000, port: 5001),
        from: PeerID(address: address, interface: 0))
    }
    _ = peers.judge(now: 2 * Self.second, limit: 100)
    files.take(.peer(.expected(peers.takeExpectedChanges()), group: Example.group), peers)
    #expect(access(file, F_OK) != 0)
  }
}
