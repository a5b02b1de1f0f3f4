// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Liveness
@testable import Platform

struct OwnSendersTests {
  private let sent = SentTimes()
  private let other: IPAddress
  private let places: [Endpoint]

  init() throws {
    other = try #require(IPAddress("10.0.0.9"))
    places = [
      Endpoint(try #require(IPAddress("10.0.0.5")), port: 40_000),
      Endpoint(try #require(IPAddress("fe80::5")), port: 40_001),
    ]
  }

  private func senders(previous: SenderCheckpoint? = nil) -> OwnSenders {
    var senders = OwnSenders(sent: sent, previous: previous)
    senders.set([
      OwnSender(interface: 0, source: places[0]), OwnSender(interface: 1, source: places[1]),
    ])
    return senders
  }

  private func find(_ senders: OwnSenders, _ source: Endpoint, _ payload: Int64) -> Int32? {
    guard senders.mayBeOwn(source.port) else { return nil }
    return senders.find(source, payload: payload, isLocal: { $0 == other })?.interface
  }

  @Test("a heartbeat is our own by address, port and a time that was sent, whichever of our senders it was")
  func own() {
    let senders = senders()
    sent.willSend(1000)
    sent.willSend(2000)
    for payload: Int64 in [1000, 2000] {
      #expect(find(senders, places[0], payload) == 0)
      #expect(find(senders, places[1], payload) == 1)
    }
    #expect(find(senders, places[0], 1500) == nil, "a time that was not sent")
    #expect(find(senders, places[0], 3000) == nil)
  }

  @Test("a copy of our heartbeat from another address or another port is not our own")
  func forged() {
    let senders = senders()
    sent.willSend(1000)
    #expect(find(senders, Endpoint(other, port: 40_000), 1000) == nil)
    #expect(find(senders, Endpoint(places[1].address, port: 40_000), 1000) == nil)
    // The second has the same last six bits as ours.
    for port: UInt16 in [40_002, 40_064] {
      #expect(find(senders, Endpoint(places[0].address, port: port), 1000) == nil)
    }
  }

  @Test("closed senders and those of the previous process use the numbers of their interfaces too")
  func interfaces() {
    var senders = senders(
      previous: SenderCheckpoint(
        senders: [OwnSender(interface: 7, source: places[0])], times: [], isComplete: true))
    senders.set([OwnSender(interface: 2, source: places[0])])
    #expect(senders.interfaces == [2])
    #expect(senders.allInterfaces == [0, 1, 2, 7])
    senders.forgetPrevious()
    #expect(senders.allInterfaces == [0, 1, 2])
  }

  @Test("where the kernel chooses the address, it is one of this host's")
  func unspecified() {
    var senders = senders()
    sent.willSend(1000)
    senders.set([OwnSender(interface: 3, source: Endpoint(.unspecified(.ipv4), port: 7))])
    #expect(find(senders, Endpoint(other, port: 7), 1000) == 3)
    #expect(find(senders, Endpoint(places[0].address, port: 7), 1000) == nil)
    #expect(senders.interfaces == [3])
  }

  @Test("what a sender sent before it was closed is our own, and whoever has its port since is not")
  func closed() {
    var senders = senders()
    sent.willSend(1000)
    senders.set([OwnSender(interface: 0, source: Endpoint(other, port: 9))])
    sent.willSend(2000)
    #expect(find(senders, places[0], 1000) == 0)
    #expect(find(senders, places[0], 1001) == nil)
    #expect(find(senders, Endpoint(other, port: 9), 2000) == 0)
    // Remembered for a while, and not without bound.
    for port: UInt16 in 100..<200 {
      senders.set([OwnSender(interface: 0, source: Endpoint(other, port: port))])
    }
    #expect(find(senders, places[0], 1000) == nil)
  }

  @Test("as many times are remembered as a receive buffer holds beats, the last ones")
  func times() {
    let senders = senders()
    for time in Int64(0)..<1500 { sent.willSend(time) }
    #expect(find(senders, places[0], 1499) == 0 && find(senders, places[0], 476) == 0)
    #expect(find(senders, places[0], 475) == nil)
    #expect(sent.latest(3) == [1497, 1498, 1499])
    #expect(SentTimes().latest(3) == [] && !SentTimes().contains(.min + 1))
  }

  @Test(
    "of a process that was killed, what it sent after the last time that it left is our own as well",
    arguments: [true, false])
  func previous(isComplete: Bool) {
    let previous = Endpoint(places[0].address, port: 50_000)
    let kept = SenderCheckpoint(
      senders: [OwnSender(interface: 0, source: previous)], times: [1_000_000, 2_000_000],
      isComplete: isComplete)
    var senders = senders(previous: kept)
    for (payload, isOwn): (Int64, Bool) in [
      (1_000_000, true), (2_000_000, true), (1_500_000, false), (3_000_000, !isComplete),
      (121_999_999, !isComplete), (122_000_001, false), (.max, false), (.min, false),
    ] {
      #expect((find(senders, previous, payload) != nil) == isOwn, "\(payload)")
    }
    #expect(find(senders, places[0], 1_000_000) == nil, "a sender of ours that did not send it")
    senders.forgetPrevious()
    #expect(find(senders, previous, 1_000_000) == nil)
    #expect(find(senders, Endpoint(other, port: 50_000), 1_000_000) == nil)
  }

  @Test("the next process gets all senders and the last times")
  func kept() {
    var senders = senders()
    senders.set([OwnSender(interface: 0, source: places[0])])
    for time in Int64(0)..<500 { sent.willSend(time) }
    let kept = senders.kept(isComplete: true)
    #expect(kept.senders.map(\.source) == places && kept.times == Array(244..<500) && kept.isComplete)
  }
}
