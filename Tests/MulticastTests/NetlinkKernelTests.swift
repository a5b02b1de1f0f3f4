// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Glibc
import TestSupport
import Testing

@testable import Multicast
@testable import Platform

/// Against the kernel, in namespaces of their own.
@Suite(.enabled(if: NetlinkNamespace.isAvailable, NetlinkNamespace.needs))
struct NetlinkKernelTests {
  private static let v4 = IPAddress(family: .ipv4, high: 0, low: 0xef01_0101)
  private static let v6 = IPAddress(family: .ipv6, high: 0xff15 << 48, low: 1)

  @Test("the route to a group follows changes, and is nil if there is none")
  func asksForRoute() throws {
    try NetlinkNamespace.run { namespace in
      #expect(try RouteQuery.interfaceIndex(to: Self.v4) == nil)
      #expect(try RouteQuery.interfaceIndex(to: Self.v6) == nil)
      try namespace.ip("link add a0 index 10 type veth peer name b0 index 11")
      try namespace.ip("link set a0 up")
      try namespace.ip("link set b0 up")
      try namespace.ip("address add 10.9.0.1/24 dev a0")
      #expect(try RouteQuery.interfaceIndex(to: Self.v4) == nil)
      try namespace.ip("route add default via 10.9.0.2")
      #expect(try RouteQuery.interfaceIndex(to: Self.v4) == 10)
      try namespace.ip("route add 239.0.0.0/8 dev b0")
      #expect(try RouteQuery.interfaceIndex(to: Self.v4) == 11)
      try namespace.ip("route replace unreachable 239.0.0.0/8")
      #expect(try RouteQuery.interfaceIndex(to: Self.v4) == nil)
      try namespace.ip("-6 route add ff15::/16 dev b0 table local metric 1")
      #expect(try RouteQuery.interfaceIndex(to: Self.v6) == 11)
      try namespace.ip("-6 route add unreachable ff15::1/128 table local metric 1")
      #expect(try RouteQuery.interfaceIndex(to: Self.v6) == nil)
    }
  }

  @Test("the table shows addresses, ports of a bridge and what getifaddrs shows")
  func readsTable() throws {
    try NetlinkNamespace.run { namespace in
      try namespace.ip("link add br0 index 20 type bridge")
      try namespace.ip("link add a0 index 10 type veth peer name b0 index 11")
      try namespace.ip("link set a0 master br0 up")
      try namespace.ip("link set b0 up")
      try namespace.ip("link set br0 up")
      try namespace.ip("address add 10.9.0.1/24 dev br0")
      try namespace.ip("address add 10.9.0.7 peer 10.9.0.8 dev b0")
      let table = try InterfaceTable.read()
      let bridge = try #require(table[name: "br0"])
      #expect(bridge.kind == "bridge")
      #expect(bridge.interface.addresses.contains(IPAddress(family: .ipv4, high: 0, low: 0x0a09_0001)))
      #expect(table[index: 10]?.master == 20)
      #expect(table.ports == [10])
      #expect(
        table[index: 11]?.interface.addresses.contains(IPAddress(family: .ipv4, high: 0, low: 0x0a09_0007))
          == true)
      #expect(table[index: 11]?.tentativeAddresses.count == 1)
      // Except for changes by duplicate address detection in between.
      let known = try NetworkInterface.all()
      #expect(table.interfaces.map(\.name) == known.map(\.name))
      #expect(table.interfaces.map(\.index) == known.map(\.index))
    }
  }

  @Test("alternative names are in the table, and their change is an event")
  func readsAlternativeNames() throws {
    try NetlinkNamespace.run { namespace in
      try namespace.ip("link add a0 index 10 type veth peer name b0 index 11")
      try namespace.ip("link set a0 up")
      let events = try InterfaceEvents()
      let long = String(repeating: "n", count: 127)
      try namespace.ip("link property add dev a0 altname enp3s0 altname \(long)")
      #expect(events.drain().happened)
      #expect(try InterfaceTable.read()[index: 10]?.interface.alternativeNames == ["enp3s0", long])
      try namespace.ip("link property del dev a0 altname enp3s0")
      #expect(events.drain().happened)
      #expect(try InterfaceTable.read()[index: 10]?.interface.alternativeNames == [long])
    }
  }

  @Test("a namespace with 300 interfaces is read whole")
  func readsLargeTable() throws {
    try NetlinkNamespace.run { namespace in
      for index in 0..<150 { try namespace.ip("link add a\(index) type veth peer name b\(index)") }
      #expect(try InterfaceTable.read().entries.count == 301)
    }
  }

  @Test("links, names, addresses and the routes of groups are events; unicast routes and silence are not")
  func tellsWhatMatters() throws {
    try NetlinkNamespace.run { namespace in
      let events = try InterfaceEvents()
      #expect(!events.drain().happened)
      try namespace.ip("link add a0 type veth peer name b0")
      #expect(events.drain() == .init(happened: true, mayGoOn: true))
      try namespace.ip("link set a0 name c0")
      #expect(events.drain().happened)
      try namespace.ip("link set c0 addrgenmode none up")
      try namespace.ip("link set b0 addrgenmode none up")
      #expect(events.drain().happened)
      try namespace.ip("address add 10.9.0.1/24 dev c0")
      #expect(events.drain().happened)
      // The kernel sees the carrier a while later, up to a second (linkwatch), and says so by events of its
      // own.
      while try InterfaceTable.read()[name: "c0"]?.interface.isRunning != true {
        Poll.wait(for: POLLIN, on: [events.descriptor], atMost: .seconds(1))
        _ = events.drain()
      }
      _ = events.drain()
      try namespace.ip("route add 10.10.0.0/16 via 10.9.0.2")
      try namespace.ip("route delete 10.10.0.0/16")
      #expect(!events.drain().happened)
      try namespace.ip("route add 239.0.0.0/8 dev c0")
      #expect(events.drain() == .init(happened: true, mayGoOn: false))
      try namespace.ip("rule add to 239.0.0.0/8 lookup 100")
      #expect(events.drain().happened)
      try namespace.ip("link delete c0")
      #expect(events.drain() == .init(happened: true, mayGoOn: true))
    }
  }

  @Test("lost events count as a change of everything, once")
  func noticesLoss() throws {
    try NetlinkNamespace.run { namespace in
      try namespace.ip("address add 10.9.0.1/24 dev lo")
      let events = try InterfaceEvents()
      // The kernel's minimum, about two messages; none of those that fit would matter.
      var smallest: Int32 = 1
      setsockopt(events.descriptor, SOL_SOCKET, SO_RCVBUF, &smallest, 4)
      for number in 0..<20 { try namespace.ip("route add 10.10.\(number).0/24 via 10.9.0.2") }
      #expect(events.drain() == .init(happened: true, mayGoOn: true))
      #expect(!events.drain().happened)
    }
  }

  @Test("a burst of events is one call")
  func coalesces() throws {
    try NetlinkNamespace.run { namespace in
      let calls = DispatchSemaphore(value: 0)
      let queue = DispatchQueue(label: "coalesces")
      let monitor = try InterfaceMonitor(queue: queue) { calls.signal() }
      monitor.activate()
      queue.suspend()
      try namespace.ip("link add a0 type veth peer name b0")
      try namespace.ip("link set a0 addrgenmode none up")
      try namespace.ip("link set b0 addrgenmode none up")
      for number in 1...20 { try namespace.ip("address add 10.9.0.\(number)/24 dev a0") }
      queue.resume()
      #expect(calls.wait(timeout: .now() + 5) == .success)
      // The second is the look after the dust has settled, for the links that were down.
      #expect(calls.wait(timeout: .now() + 5) == .success)
      queue.sync {}
      #expect(calls.wait(timeout: .now()) == .timedOut)
      monitor.cancel()
    }
  }

  @Test("the route over a link that went down is gone by the last call")
  func settles() throws {
    try NetlinkNamespace.run { namespace in
      try namespace.ip("link add a0 index 10 type veth peer name b0")
      try namespace.ip("link set a0 addrgenmode none up")
      try namespace.ip("link set b0 addrgenmode none up")
      try namespace.ip("route add 239.0.0.0/8 dev a0")
      let calls = DispatchSemaphore(value: 0)
      let monitor = try InterfaceMonitor(queue: DispatchQueue(label: "settles")) { calls.signal() }
      monitor.activate()
      #expect(try RouteQuery.interfaceIndex(to: Self.v4) == 10)
      try namespace.ip("link set a0 down")
      #expect(calls.wait(timeout: .now() + 5) == .success)
      #expect(calls.wait(timeout: .now() + 5) == .success)
      #expect(try RouteQuery.interfaceIndex(to: Self.v4) == nil)
      monitor.cancel()
    }
  }

  @Test("a cancelled or released monitor closes its socket and calls no more")
  func closes() throws {
    try NetlinkNamespace.run { namespace in
      let calls = DispatchSemaphore(value: 0)
      let queue = DispatchQueue(label: "closes")
      for round in 0..<50 {
        let monitor = try InterfaceMonitor(queue: queue) { calls.signal() }
        if round % 3 > 0 { monitor.activate() }
        if round % 3 > 1 { queue.sync { monitor.cancel() } }
      }
      try namespace.ip("link add a0 type veth peer name b0")
      // Cancel handlers are enqueued by Dispatch's own queue: wait for the last.
      let deadline = DispatchTime.now() + 5
      while try namespace.routeSockets() > 0, DispatchTime.now() < deadline { sched_yield() }
      #expect(try namespace.routeSockets() == 0)
      #expect(calls.wait(timeout: .now()) == .timedOut)
    }
  }
}
