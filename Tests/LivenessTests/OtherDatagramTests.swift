// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Heartbeat
@testable import Liveness

struct OtherDatagramTests {
  private static let second: Int64 = 1_000_000_000

  private func heard(_ seconds: ClosedRange<Int64>, by table: inout PeerTable<Int>) {
    for time in seconds {
      table.heard(
        HeartbeatArrival(
          arrival: time * Self.second, payload: time * 1_000_000, wallClock: time * 1_000_000, port: 5001),
        from: 1)
    }
  }

  @Test("a peer whose datagrams are no heartbeats any more is silent, and that they arrive is known")
  func form() throws {
    var table = PeerTable<Int>(capacity: 16)
    heard(1...20, by: &table)
    #expect(try #require(table.report(of: 1)).sendsOther == false)
    for time in Int64(21)...40 { table.heardOther(from: 1, at: time * Self.second) }
    table.judge(at: 40 * Self.second)
    let silent = try #require(table.report(of: 1))
    #expect(silent.state == .silent && silent.sendsOther)
    heard(41...43, by: &table)
    #expect(try #require(table.report(of: 1)).sendsOther == false)
  }

  @Test("datagrams of a stranger that are no heartbeats make no peer")
  func stranger() {
    var table = PeerTable<Int>(capacity: 16)
    for time in Int64(1)...20 { table.heardOther(from: 2, at: time * Self.second) }
    #expect(table.report(of: 2) == nil)
  }
}
