// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Multicast
@testable import Platform

struct NetlinkSelectionTests {
  private static let group = IPAddress(family: .ipv4, high: 0, low: 0xef01_0101)
  /// IFF_UP | IFF_RUNNING | IFF_MULTICAST.
  private static let usable: UInt32 = 0x1041
  private static let lo = NetworkInterface(index: 1, name: "lo", flags: 0x49, addresses: [address(127, 1)])
  private static let eth0 = NetworkInterface(
    index: 2, name: "eth0", flags: usable, addresses: [address(10, 1)])
  private static let eth1 = NetworkInterface(
    index: 3, name: "eth1", flags: usable, addresses: [address(10, 2)])

  private static func address(_ first: UInt64, _ last: UInt64) -> IPAddress {
    IPAddress(family: .ipv4, high: 0, low: first << 24 | last)
  }

  private static func automatic(
    _ interfaces: [NetworkInterface], ports: Set<UInt32> = [], route: UInt32? = nil
  ) -> [String] {
    InterfacePlan.resolve(
      .automatic, group: group, interfaces: interfaces, ports: ports, route: route
    ).map(\.name)
  }

  private static func with(
    _ interface: NetworkInterface, flags: UInt32? = nil, addresses: [IPAddress]? = nil
  ) -> NetworkInterface {
    var interface = interface
    interface.flags = flags ?? interface.flags
    interface.addresses = addresses ?? interface.addresses
    return interface
  }

  @Test("auto follows the route to the group")
  func followsRoute() {
    #expect(Self.automatic([Self.lo, Self.eth0, Self.eth1], route: 3) == ["eth1"])
    #expect(Self.automatic([Self.lo, Self.eth0, Self.eth1], route: 2) == ["eth0"])
  }

  @Test("without a route auto takes the first interface that is up and multicast-capable")
  func takesFirst() {
    #expect(Self.automatic([Self.lo, Self.eth0, Self.eth1]) == ["eth0"])
    #expect(Self.automatic([Self.lo, Self.with(Self.eth0, flags: 0x1002), Self.eth1]) == ["eth1"])
    #expect(Self.automatic([Self.lo, Self.with(Self.eth0, flags: 0x41), Self.eth1]) == ["eth1"])
    #expect(Self.automatic([Self.eth1, Self.eth0]) == ["eth0"])
  }

  @Test("an interface with a carrier and an address is preferred to one without")
  func prefersUsable() {
    let noCarrier = Self.with(Self.eth0, flags: 0x1001)
    let noAddress = Self.with(Self.eth0, addresses: [])
    #expect(Self.automatic([Self.lo, noCarrier, Self.eth1]) == ["eth1"])
    #expect(Self.automatic([Self.lo, noAddress, Self.eth1]) == ["eth1"])
    #expect(Self.automatic([Self.lo, noCarrier]) == ["eth0"])
  }

  @Test("auto stays on lo only while nothing else is up, whatever the route says")
  func leavesLoopback() {
    #expect(Self.automatic([Self.lo]) == ["lo"])
    #expect(Self.automatic([Self.lo, Self.with(Self.eth0, flags: 0x1002)], route: 1) == ["lo"])
    #expect(Self.automatic([Self.lo, Self.eth0], route: 1) == ["eth0"])
    let capable = Self.with(Self.lo, flags: 0x1049)
    #expect(Self.automatic([capable, Self.eth0], route: 1) == ["eth0"])
    #expect(Self.automatic([capable, Self.with(Self.eth0, flags: 0x1001)]) == ["eth0"])
  }

  @Test("a route over an interface that just went down is not followed")
  func passesOverStaleRoute() {
    #expect(Self.automatic([Self.lo, Self.with(Self.eth0, flags: 0x1002), Self.eth1], route: 2) == ["eth1"])
  }

  @Test("a route over an interface without the MULTICAST flag counts if there is no better one")
  func takesIncapableRouteLast() {
    let tunnel = NetworkInterface(index: 9, name: "wg0", flags: 0x41, addresses: [])
    #expect(Self.automatic([Self.lo, Self.eth0, tunnel], route: 9) == ["eth0"])
    #expect(Self.automatic([Self.lo, tunnel], route: 9) == ["wg0"])
    #expect(Self.automatic([Self.lo, tunnel]) == ["lo"])
  }

  @Test("auto skips a port of a bridge, which may be listed")
  func leavesPorts() {
    #expect(Self.automatic([Self.lo, Self.eth0, Self.eth1], ports: [2], route: 2) == ["eth1"])
    let listed = InterfacePlan.resolve(
      .listed([.name("eth0")]), group: Self.group, interfaces: [Self.eth0], ports: [2], route: nil)
    #expect(listed == [Self.eth0])
  }

  @Test("listed interfaces come in their order, each once, by name or address, up or down")
  func resolvesList() {
    let down = Self.with(Self.eth0, flags: 0x1002)
    let choice = InterfaceChoice.listed([
      .name("eth1"), .address(Self.address(10, 1)), .name("eth0"), .name("eth9"),
    ])
    let interfaces = [Self.lo, down, Self.eth1]
    let resolved = InterfacePlan.resolve(
      choice, group: Self.group, interfaces: interfaces, route: 1)
    #expect(resolved == [Self.eth1, down])
    #expect(InterfacePlan.missing(choice, in: interfaces) == [.name("eth9")])
    #expect(InterfacePlan.missing(.automatic, in: []).isEmpty)
  }
}
