// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import Multicast
@testable import Platform

struct UnusableReasonTests {
  private static let one = IPAddress(family: .ipv6, high: 0xfd77 << 48, low: 1)
  private static let two = IPAddress(family: .ipv6, high: 0xfd77 << 48, low: 2)

  private func entry(
    _ addresses: [IPAddress], tentative: [IPAddress] = [], duplicate: [IPAddress] = []
  ) -> InterfaceTable.Entry {
    InterfaceTable.Entry(
      interface: NetworkInterface(index: 7, name: "eth0", flags: UInt32(IFF_UP), addresses: addresses),
      tentativeAddresses: tentative, duplicateAddresses: duplicate)
  }

  private func reason(_ entry: InterfaceTable.Entry, from source: IPAddress? = nil) -> UnusableReason? {
    UnusableReason(entry, family: .ipv6, isSending: true, source: source)
  }

  @Test("the choice of an address waits for all tentative ones; an address in use is kept")
  func waits() {
    let (one, two) = (Self.one, Self.two)
    #expect(reason(entry([one, two])) == nil)
    #expect(reason(entry([one, two], tentative: [two])) == .testsAddress)
    #expect(reason(entry([one, two], tentative: [two]), from: one) == nil)
    #expect(reason(entry([one, two], tentative: [two]), from: two) == .testsAddress)
    #expect(UnusableReason(entry([one], tentative: [one]), family: .ipv6, isSending: false) == nil)
  }

  @Test("a duplicate address is not waited for")
  func duplicate() {
    let (one, two) = (Self.one, Self.two)
    let failed = entry([one, two], tentative: [two], duplicate: [two])
    #expect(reason(failed) == nil)
    #expect(reason(failed, from: two) == nil, "it is to be sent from another one")
    #expect(reason(entry([two], tentative: [two], duplicate: [two])) == .testsAddress)
  }

  @Test("tentative IPv6 addresses do not delay IPv4")
  func families() {
    let four = IPAddress(family: .ipv4, high: 0, low: 0x0a4d_0001)
    let tested = entry([four, Self.one], tentative: [Self.one])
    #expect(UnusableReason(tested, family: .ipv4, isSending: true) == nil)
  }
}
