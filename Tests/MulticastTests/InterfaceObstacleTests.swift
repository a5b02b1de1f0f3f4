// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import Multicast
@testable import Platform

struct InterfaceObstacleTests {
  private static let one = IPAddress(family: .ipv6, high: 0xfd77 << 48, low: 1)
  private static let two = IPAddress(family: .ipv6, high: 0xfd77 << 48, low: 2)

  private func entry(
    _ addresses: [IPAddress], tentative: [IPAddress] = [], duplicate: [IPAddress] = []
  ) -> InterfaceTable.Entry {
    InterfaceTable.Entry(
      interface: NetworkInterface(index: 7, name: "eth0", flags: UInt32(IFF_UP), addresses: addresses),
      operationalState: .up, tentativeAddresses: tentative, duplicateAddresses: duplicate)
  }

  private func obstacle(_ entry: InterfaceTable.Entry, from source: IPAddress? = nil) -> InterfaceObstacle? {
    InterfaceObstacle(entry, family: .ipv6, isSending: true, source: source)
  }

  @Test("the choice of an address waits for all that are tested; one that is in use is not disturbed")
  func waits() {
    let (one, two) = (Self.one, Self.two)
    #expect(obstacle(entry([one, two])) == nil)
    #expect(obstacle(entry([one, two], tentative: [two])) == .testsAddress)
    #expect(obstacle(entry([one, two], tentative: [two]), from: one) == nil)
    #expect(obstacle(entry([one, two], tentative: [two]), from: two) == .testsAddress)
    #expect(InterfaceObstacle(entry([one], tentative: [one]), family: .ipv6, isSending: false) == nil)
  }

  @Test("an address that another host has is not waited for")
  func duplicate() {
    let (one, two) = (Self.one, Self.two)
    let failed = entry([one, two], tentative: [two], duplicate: [two])
    #expect(obstacle(failed) == nil)
    #expect(obstacle(failed, from: two) == nil, "it is to be sent from another one")
    #expect(obstacle(entry([two], tentative: [two], duplicate: [two])) == .testsAddress)
  }

  @Test("tests of IPv6 addresses are no matter of IPv4")
  func families() {
    let four = IPAddress(family: .ipv4, high: 0, low: 0x0a4d_0001)
    let tested = entry([four, Self.one], tentative: [Self.one])
    #expect(InterfaceObstacle(tested, family: .ipv4, isSending: true) == nil)
  }
}
