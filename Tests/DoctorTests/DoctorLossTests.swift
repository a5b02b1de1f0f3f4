// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Doctor
@testable import Platform

struct DoctorLossTests {
  private static let (a, b) = (
    IPAddress(family: .ipv4, high: 0, low: 0x0a00_0001), IPAddress(family: .ipv4, high: 0, low: 0x0a00_0002)
  )

  private static func arrivals(_ counts: [IPAddress: Int]) -> PacketCapture.Arrivals {
    var arrivals = PacketCapture.Arrivals()
    for (source, count) in counts { for _ in 0..<count { arrivals.count(source) } }
    return arrivals
  }

  private static func loss(
    _ arrived: [IPAddress: Int], _ heard: [IPAddress: Int], wanted: [IPAddress] = []
  ) -> Loss {
    Loss(arrived: arrivals(arrived), heard: arrivals(heard), wanted: wanted)
  }

  @Test("what was heard, or heard more often than the wire shows, is not lost")
  func isNone() {
    #expect(Self.loss([:], [:]).isNone)
    #expect(Self.loss([Self.a: 60], [Self.a: 60]).isNone)
    #expect(Self.loss([Self.a: 60], [Self.a: 61, Self.b: 3]).isNone)
    #expect(Self.loss([Self.a: 3], [Self.a: 1]).isNone)
  }

  @Test("a source of which nothing was heard is lost, where it is wanted")
  func findsSources() {
    #expect(Self.loss([Self.a: 1, Self.b: 9], [Self.b: 9]).sources == [Self.a])
    #expect(Self.loss([Self.a: 1], [:], wanted: [Self.b]).isNone)
  }

  @Test("most of a source's datagrams are missing, as with a limit of the firewall's")
  func findsPart() {
    let loss = Self.loss([Self.a: 60, Self.b: 10], [Self.a: 3, Self.b: 10])
    #expect(loss.isPartial)
    #expect(loss.partial == (57, 70))
    #expect(loss.sources == [])
  }

  @Test("with more sources than are counted, nothing is said")
  func knowsLimit() {
    let many = Dictionary(
      uniqueKeysWithValues: (0..<1000).map { (IPAddress(family: .ipv4, high: 0, low: 0x0b00_0000 + $0), 1) })
    #expect(Self.loss(many, [:]).isNone)
    #expect(Self.loss([Self.a: 9], many).isNone)
  }
}
