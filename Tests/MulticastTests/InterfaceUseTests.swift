// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import Multicast
@testable import Platform

struct InterfaceUseTests {
  private func interface(_ index: UInt32, _ name: String) -> NetworkInterface {
    NetworkInterface(index: index, name: name, flags: UInt32(IFF_UP), addresses: [])
  }

  private func refusal(_ errno: Int32) -> MulticastError {
    .system(call: "setsockopt MCAST_JOIN_GROUP", object: "239.1.1.1 on interface 2", errno: errno)
  }

  @Test("an interface that comes and goes is told once each")
  func comesAndGoes() {
    var use = InterfaceUse()
    let eth0 = interface(2, "eth0")
    #expect(use.note(tried: [], refused: [:]) == [])
    #expect(use.note(tried: [eth0], refused: [:]) == [.began(eth0)])
    #expect(use.note(tried: [eth0], refused: [:]) == [])
    #expect(use.names == ["eth0"] && !use.isEmpty)
    #expect(use.note(tried: [], refused: [:]) == [.ended(eth0)])
    #expect(use.note(tried: [], refused: [:]) == [])
    #expect(use.isEmpty)
  }

  @Test("a new name of the same interface is told once, as that")
  func renamed() {
    var use = InterfaceUse()
    _ = use.note(tried: [interface(2, "eth0")], refused: [:])
    let lan0 = interface(2, "lan0")
    #expect(use.note(tried: [lan0], refused: [:]) == [.renamed(from: "eth0", lan0)])
    #expect(use.note(tried: [lan0], refused: [:]) == [])
    #expect(use.names == ["lan0"])
    #expect(use.note(tried: [], refused: [:]) == [.ended(lan0)])
  }

  @Test("an interface that was removed and created again ended and began, under its old name")
  func recreated() {
    var use = InterfaceUse()
    let (old, new) = (interface(2, "eth0"), interface(7, "eth0"))
    _ = use.note(tried: [old], refused: [:])
    #expect(use.note(tried: [new], refused: [:]) == [.ended(old), .began(new)])
    #expect(use.names == ["eth0"])
  }

  @Test("a change of addresses alone is no news")
  func addresses() {
    var use = InterfaceUse()
    var eth0 = interface(2, "eth0")
    _ = use.note(tried: [eth0], refused: [:])
    eth0.addresses = [IPAddress(family: .ipv4, high: 0, low: 0x0a00_0001)]
    #expect(use.note(tried: [eth0], refused: [:]) == [])
    #expect(use.active[2]?.addresses.count == 1)
  }

  @Test("a refusal is told once for each reason, and its end as a beginning")
  func refused() {
    var use = InterfaceUse()
    let eth0 = interface(2, "eth0")
    #expect(use.note(tried: [eth0], refused: [2: refusal(ENOBUFS)]) == [.refused(eth0, refusal(ENOBUFS))])
    #expect(use.hasRefusals && use.isEmpty)
    #expect(use.note(tried: [eth0], refused: [2: refusal(ENOBUFS)]) == [])
    #expect(use.note(tried: [eth0], refused: [2: refusal(EPERM)]) == [.refused(eth0, refusal(EPERM))])
    #expect(use.note(tried: [eth0], refused: [:]) == [.began(eth0)])
    #expect(!use.hasRefusals)
    #expect(use.note(tried: [eth0], refused: [2: refusal(EPERM)]) == [.refused(eth0, refusal(EPERM))])
    #expect(use.isEmpty)
  }

  @Test("a refused interface that goes away is forgotten, and refused anew when it comes back")
  func refusedAndGone() {
    var use = InterfaceUse()
    let eth0 = interface(2, "eth0")
    _ = use.note(tried: [eth0], refused: [2: refusal(EPERM)])
    #expect(use.note(tried: [], refused: [:]) == [])
    #expect(use.note(tried: [eth0], refused: [2: refusal(EPERM)]) == [.refused(eth0, refusal(EPERM))])
  }

  @Test("each of several interfaces has its own fate")
  func several() {
    var use = InterfaceUse()
    let (one, two, three) = (interface(1, "lo"), interface(2, "eth0"), interface(3, "eth1"))
    _ = use.note(tried: [one, two], refused: [:])
    #expect(
      use.note(tried: [one, three, two], refused: [2: refusal(ENODEV)])
        == [.began(three), .refused(two, refusal(ENODEV))])
    #expect(use.names == ["eth1", "lo"])
  }
}
