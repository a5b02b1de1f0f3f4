// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Multicast
import Testing

@testable import Daemon

struct PeerNewsTests {
  private static let second: Int64 = 1_000_000_000

  /// What is said when these peers, each heard for so many seconds, have fallen silent.
  private func silences(of peers: [(id: UInt64, seconds: Int64)]) -> [PeerEvent<PeerID>] {
    var table = PeerTable<PeerID>(capacity: 10_000)
    for (id, seconds) in peers {
      for beat in 0...max(1, seconds) {
        let arrival = beat * Self.second
        table.heard(
          Beat(arrival: arrival, payload: arrival / 1000, wallClock: arrival / 1000, port: 1),
          from: PeerID(address: IPAddress(family: .ipv4, high: 0, low: 0x0a00_0000 + id), interface: 0))
      }
    }
    _ = table.takeEvents()
    table.suspend(.networkSilent, since: 0)
    table.resume(.networkSilent, at: 0)
    for time in stride(from: Int64(0), to: 60, by: 1) {
      // Somebody is heard, so that the network is not to blame.
      table.heard(
        Beat(arrival: time * Self.second, payload: time * 1_000_000, wallClock: time * 1_000_000, port: 1),
        from: PeerID(address: IPAddress(family: .ipv4, high: 0, low: 1), interface: 0))
      table.judge(at: time * Self.second)
    }
    return table.takeEvents().filter { if case .silent = $0 { true } else { false } }
  }

  @Test("a flood of newcomers that fall silent takes no entries from the peers that are followed")
  func newcomers() {
    let established = (0..<20).map { (id: UInt64(1000 + $0), seconds: Int64(20)) }
    let forged = (0..<1000).map { (id: UInt64(5000 + $0), seconds: Int64(2)) }
    let events = silences(of: established + forged)
    #expect(events.count == 1020)
    // Established ones come first, whoever fell silent first.
    for event in events.prefix(20) {
      guard case .silent(let peer) = event else { continue }
      #expect(peer.isEstablished)
    }
    var news = PeerNews()
    let told = events.reversed().filter { news.tells($0, now: 0) }
    #expect(told.count == 20 + Int(PeerNews.burst))
    #expect(news.untold == 1000 - Int(PeerNews.burst))
    _ = news.takeUntold()
    #expect(news.untold == 0)
    // Each second brings twenty.
    let later = events.suffix(100).filter { news.tells($0, now: Self.second) }
    #expect(later.count == Int(PeerNews.rate))
  }

  @Test("that peers cannot be judged has one entry, not one for each")
  func unknown() {
    var news = PeerNews()
    for event in silences(of: [(1000, 20)]) {
      guard case .silent(let peer) = event else { continue }
      let isTold = [news.tells(.unknown(peer), now: 0), news.tells(.known(peer), now: 0)]
      #expect(isTold == [false, false])
    }
    let isTold = news.tells(.networkSilent(peers: 3, since: 0), now: 0)
    #expect(isTold)
    #expect(news.untold == 0)
  }
}
