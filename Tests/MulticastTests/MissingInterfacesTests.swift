// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import Multicast
@testable import Platform

struct MissingInterfacesTests {
  private static let second: Int64 = 1_000_000_000
  private let eth9 = InterfaceReference.name("eth9")
  private let eth8 = InterfaceReference.name("eth8")

  @Test("an interface missing for 30 s is reported once")
  func once() {
    var missing = MissingInterfaces()
    #expect(missing.nextDue == nil)
    #expect(missing.note([eth9], now: 5 * Self.second) == [])
    #expect(missing.nextDue == 35 * Self.second)
    #expect(missing.note([eth9], now: 35 * Self.second - 1) == [])
    #expect(missing.note([eth9], now: 35 * Self.second) == [eth9])
    #expect(missing.nextDue == nil)
    #expect(missing.note([eth9], now: 100 * Self.second) == [])
  }

  @Test("an interface that came and went is waited for and reported again")
  func again() {
    var missing = MissingInterfaces()
    _ = missing.note([eth9], now: 0)
    #expect(missing.note([], now: 29 * Self.second) == [])
    #expect(missing.note([eth9], now: 31 * Self.second) == [])
    #expect(missing.note([eth9], now: 61 * Self.second) == [eth9])
    #expect(missing.note([], now: 62 * Self.second) == [])
    _ = missing.note([eth9], now: 63 * Self.second)
    #expect(missing.note([eth9], now: 93 * Self.second) == [eth9])
  }

  @Test("each interface has a deadline of its own, and the next one is known")
  func several() {
    var missing = MissingInterfaces()
    _ = missing.note([eth9], now: 0)
    _ = missing.note([eth9, eth8], now: 10 * Self.second)
    #expect(missing.note([eth9, eth8], now: 30 * Self.second) == [eth9])
    #expect(missing.nextDue == 40 * Self.second)
    #expect(missing.note([eth9, eth8], now: 40 * Self.second) == [eth8])
  }
}

struct InterfacePlanNameTests {
  private static let group = IPAddress(family: .ipv4, high: 0, low: 0xef01_0101)
  private static let alternative = "enp3s0-a-name-that-is-longer-than-15-bytes"

  private func table(_ alternativeNames: [String]) -> InterfaceTable {
    var link: [UInt8] = [0, 0, 1, 0] + word(7) + word(UInt32(IFF_UP | IFF_MULTICAST)) + word(0)
    link += attribute(3, Array("eth0".utf8) + [0])
    let names = alternativeNames.flatMap { attribute(53, Array($0.utf8) + [0]) }
    link += attribute(52 | 0x8000, names)
    return InterfaceTable([NetlinkMessage(type: 16, body: link[...])])
  }

  private func plan(
    _ name: String, _ table: InterfaceTable, former: [InterfaceReference: String] = [:]
  ) -> InterfacePlan {
    InterfacePlan(
      .listed([.name(name)]), group: Self.group, isSending: false, table: table, route: nil, former: former)
  }

  @Test("an interface is used under its alternative names, long ones too")
  func alternativeName() {
    let table = table(["enp3s0", Self.alternative])
    for name in ["enp3s0", Self.alternative] {
      let plan = plan(name, table)
      #expect(plan.usable.map(\.name) == ["eth0"])
      #expect(plan.waitingFor == [] && plan.missing == [])
      #expect(plan.names == ["eth0"])
      #expect(plan.found == [.name(name): "eth0"])
    }
    #expect(plan("enp4s0", table).missing == [.name("enp4s0")])
  }

  @Test("a removed interface is still awaited under its last name")
  func formerName() {
    let before = plan("enp3s0", table(["enp3s0"]))
    let gone = plan("enp3s0", InterfaceTable(), former: before.found)
    #expect(gone.names == ["enp3s0", "eth0"])
    #expect(gone.waitingFor == ["enp3s0"])
    #expect(plan("enp3s0", InterfaceTable(), former: gone.found).names == ["enp3s0", "eth0"])
    // An alternative name that no interface has had.
    #expect(plan(Self.alternative, InterfaceTable()).names == nil)
  }

  private func word(_ value: UInt32) -> [UInt8] { withUnsafeBytes(of: value) { [UInt8]($0) } }

  private func attribute(_ type: UInt16, _ payload: [UInt8]) -> [UInt8] {
    let length = UInt16(4 + payload.count)
    let padding = [UInt8](repeating: 0, count: (4 - payload.count % 4) % 4)
    return withUnsafeBytes(of: (length, type)) { [UInt8]($0) } + payload + padding
  }
}
