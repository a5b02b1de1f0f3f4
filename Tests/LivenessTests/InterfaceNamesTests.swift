// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Testing

@testable import Heartbeat
@testable import Liveness
@testable import Platform

struct InterfaceNamesTests {
  private static let second: Int64 = 1_000_000_000

  @Test("a number is free a minute after its last use, and is given to the next name")
  func release() {
    var names = InterfaceNames()
    #expect(["eth0", "veth1", "eth1"].map { names.number(of: $0) } == [0, 1, 2])
    names.release(now: 0) { $0 != 1 }
    names.release(now: 59 * Self.second) { $0 != 1 }
    #expect(names.name(of: 1) == "veth1")
    // It is used again meanwhile, and the minute begins anew.
    names.release(now: 59 * Self.second) { _ in true }
    names.release(now: 100 * Self.second) { $0 != 1 }
    names.release(now: 159 * Self.second) { $0 != 1 }
    #expect(names.number(of: "veth1") == 1)
    names.release(now: 200 * Self.second) { $0 != 1 }
    names.release(now: 260 * Self.second) { $0 != 1 }
    #expect(names.name(of: 1) == "?" && names.bytes[1].isEmpty && names.isFree(1))
    #expect(["eth0", "eth1", "veth2", "veth3"].map { names.number(of: $0) } == [0, 2, 1, 3])
    #expect(names.name(of: 4) == "?" && names.name(of: -1) == "?")
  }

  @Test("peers.json has the names by number, as 0.1.0 wrote them, and a free one as an empty name")
  func json() throws {
    var names = InterfaceNames()
    _ = ["eth0", "veth1", "eth1"].map { names.number(of: $0) }
    for now: Int64 in [0, 60] { names.release(now: now * Self.second) { $0 != 1 } }
    let text = #"{"names":["eth0","","eth1"]}"#
    #expect(String(decoding: try JSONEncoder().encode(names), as: UTF8.self) == text)
    var read = try JSONDecoder().decode(InterfaceNames.self, from: Data(text.utf8))
    #expect(read.isFree(1) && read.number(of: "eth1") == 2 && read.number(of: "veth2") == 1)
  }

  @Test("interfaces that come and go under ever new names take no memory, and others keep their numbers")
  func containers() {
    var group = GroupLiveness(
      PeerInterfaces(capacity: 16), expected: ExpectedPeers(), realtime: 0, at: 0, isGapless: true)
    let (eth0, sender) = (group.number(of: "eth0"), group.number(of: "eth1"))
    for number in 0..<2000 {
      let now = Int64(number) * 10 * Self.second
      group.releaseNames(except: [sender], now: now)
      let veth = group.number(of: "veth\(number)")
      _ = group.listen(on: [eth0, veth], awaited: nil, now: now)
      #expect(group.judge(now: now, limit: 10).events.isEmpty)
      _ = group.listen(on: [eth0], awaited: nil, now: now + Self.second)
      _ = group.judge(now: now + 5 * Self.second, limit: 10)
    }
    #expect(group.names.count < 16)
    #expect(group.interfaces.tables.count { $0 != nil } == 1)
    #expect(group.number(of: "eth0") == eth0 && group.number(of: "eth1") == sender)
  }

  @Test(
    "an interface that is gone keeps its number as long as its peers, and a peer is never taken for another")
  func peers() {
    var group = GroupLiveness(
      PeerInterfaces(capacity: 16), expected: ExpectedPeers(), realtime: 0, at: 0, isGapless: true)
    let veth = group.number(of: "veth0")
    _ = group.listen(on: [veth], awaited: nil, now: 0)
    let peer = PeerID(address: IPAddress(family: .ipv4, high: 0, low: 0x0a00_0001), interface: veth)
    for second: Int64 in 1...3 {
      group.heard(
        HeartbeatArrival(
          arrival: second * Self.second, payload: second * 1_000_000, wallClock: second * 1_000_000, port: 1),
        from: peer)
    }
    _ = group.listen(on: [], awaited: nil, now: 4 * Self.second)
    for hour: Int64 in 1...24 {
      let now = hour * 3600 * Self.second
      group.releaseNames(except: [], now: now)
      #expect(group.number(of: "other\(hour)") != veth)
      #expect(group.judge(now: now, limit: 10).forgotten.isEmpty)
    }
    #expect(group.names.name(of: veth) == "veth0")
    #expect(group.judge(now: 86_500 * Self.second, limit: 10).forgotten == [peer])
    group.releaseNames(except: [], now: 86_500 * Self.second)
    #expect(group.names.name(of: veth) == "veth0")
    group.releaseNames(except: [], now: 86_560 * Self.second)
    #expect(group.number(of: "veth1") == veth)
  }

  @Test("peers that were stored under a number without a name are left out")
  func nameless() throws {
    var table = PeerTable<PeerID>(capacity: 4)
    table.judge(at: 0)
    let names = try JSONDecoder().decode(InterfaceNames.self, from: Data(#"{"names":["eth0",""]}"#.utf8))
    let peers = PeerInterfaces(
      restoring: [
        -1: table.snapshot(at: 0), 0: table.snapshot(at: 0), 1: table.snapshot(at: 0),
        2: table.snapshot(at: 0), .max: table.snapshot(at: 0),
      ],
      names: names, capacity: 4, at: 0, isGapless: true)
    #expect(peers.tables.count == 1)
  }
}
