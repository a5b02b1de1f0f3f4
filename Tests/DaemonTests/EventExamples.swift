// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Heartbeat
@testable import Liveness
@testable import Monitor
@testable import Platform

/// The cases of `Event`. One that is added there does not compile until it is named here, and then
/// `MessageTextTests` fails until it has an example.
enum EventCase: Hashable {
  case one(Peer)
  case several(Peer)
  case other(Other)

  enum Peer: CaseIterable {
    case discovered, silent, back, left, returned, contested, evicted, unknown, known, forgotten,
      networkSilent, networkHeard
  }

  enum Other: CaseIterable {
    case started, startFailed, stopping, configurationApplied, configurationRefused, settingUnknown
    case began, renamed, ended, refused, limitReached, rejoinRefused, carrierLost, carrierBack
    case sourceChanged, missing, querierMissing
    case sendFailing, sendRecovered
    case bufferClamped, dropped, suspended, resumed, ownNotHeard, ownHeardAgain, socketUnusable
    case notAuthentic, clocksOff, clocksRight
    case neverHeard, expected, removed, suppressed
    case readingChanged, readingUnknown, readingKnown, readingsSuppressed, readingsLeftOut
    case readingFaulty, readingMended, readingsNameless
    case ruleChanged, stateEntered, ruleLeftOut, ruleMended, rulesSuppressed
    case overBudget, stalled, heartbeatVolume, unreachable, messagesLost
    case filesFailing, filesRecovered
    case targetRefused, targetAccepted
  }

  static let all = Set(
    Peer.allCases.map { one($0) } + Peer.allCases.map { several($0) } + Other.allCases.map { other($0) })

  init(_ event: Event) {
    self =
      switch event {
      case .service(let event): .other(Self.of(event))
      case .interface(let event, _): .other(Self.of(event))
      case .sending(.failing, _, _): .other(.sendFailing)
      case .sending(.recovered, _, _): .other(.sendRecovered)
      case .receiving(let event, _): .other(Self.of(event))
      case .peer(.one(let event, _, _), _): .one(Self.of(event))
      case .peer(.several(let event, _, _, _), _): .several(Self.of(event))
      case .peer(.neverHeard, _): .other(.neverHeard)
      case .peer(.expected, _): .other(.expected)
      case .peer(.removed, _): .other(.removed)
      case .peer(.suppressed, _): .other(.suppressed)
      case .readings(.changed, _): .other(.readingChanged)
      case .readings(.unknown, _): .other(.readingUnknown)
      case .readings(.known, _): .other(.readingKnown)
      case .readings(.suppressed, _): .other(.readingsSuppressed)
      case .ownReadings(.leftOut): .other(.readingsLeftOut)
      case .ownReadings(.faulty): .other(.readingFaulty)
      case .ownReadings(.mended): .other(.readingMended)
      case .ownReadings(.nameless): .other(.readingsNameless)
      case .rule(.changed): .other(.ruleChanged)
      case .rule(.state): .other(.stateEntered)
      case .rule(.leftOut): .other(.ruleLeftOut)
      case .rule(.mended): .other(.ruleMended)
      case .rule(.suppressed): .other(.rulesSuppressed)
      case .states(.refused): .other(.targetRefused)
      case .states(.accepted): .other(.targetAccepted)
      case .journal(let event): .other(Self.of(event))
      case .files(.failing): .other(.filesFailing)
      case .files(.recovered): .other(.filesRecovered)
      }
  }

  private static func of(_ event: ServiceEvent) -> Other {
    switch event {
    case .started: .started
    case .startFailed: .startFailed
    case .stopping: .stopping
    case .configurationApplied: .configurationApplied
    case .configurationRefused: .configurationRefused
    case .settingUnknown: .settingUnknown
    }
  }

  private static func of(_ event: InterfaceEvent) -> Other {
    switch event {
    case .began: .began
    case .renamed: .renamed
    case .ended: .ended
    case .refused: .refused
    case .limitReached: .limitReached
    case .rejoinRefused: .rejoinRefused
    case .carrierLost: .carrierLost
    case .carrierBack: .carrierBack
    case .sourceChanged: .sourceChanged
    case .missing: .missing
    case .querierMissing: .querierMissing
    }
  }

  private static func of(_ event: ReceivingEvent) -> Other {
    switch event {
    case .bufferClamped: .bufferClamped
    case .dropped: .dropped
    case .verdicts(.suspended): .suspended
    case .verdicts(.resumed): .resumed
    case .ownBeats(.notHeard, _): .ownNotHeard
    case .ownBeats(.heardAgain, _): .ownHeardAgain
    case .socketUnusable: .socketUnusable
    case .notAuthentic: .notAuthentic
    case .clocksOff: .clocksOff
    case .clocksRight: .clocksRight
    }
  }

  private static func of(_ event: JournalEvent) -> Other {
    switch event {
    case .summarised(.budget, _, _): .overBudget
    case .summarised(.stall, _, _): .stalled
    case .heartbeatVolume: .heartbeatVolume
    case .unreachable: .unreachable
    case .messagesLost: .messagesLost
    }
  }

  private static func of(_ event: PeerEvent<PeerID>) -> Peer {
    switch event {
    case .discovered: .discovered
    case .silent: .silent
    case .back: .back
    case .left: .left
    case .returned: .returned
    case .contested: .contested
    case .evicted: .evicted
    case .unknown: .unknown
    case .known: .known
    case .forgotten: .forgotten
    case .networkSilent: .networkSilent
    case .networkHeard: .networkHeard
    }
  }
}

/// What examples are made of.
enum Example {
  static let second: Int64 = 1_000_000_000
  static let group = Endpoint(IPAddress(family: .ipv4, high: 0, low: 0xef01_0101), port: 5001)

  /// 10.0.0.`number`.
  static func address(_ number: UInt64) -> IPAddress {
    IPAddress(family: .ipv4, high: 0, low: 0x0a00_0000 + number)
  }

  /// 10.0.0.5, heard each second from 0 to 20 s.
  static func peer() throws -> PeerReport<PeerID> {
    var table = PeerTable<PeerID>(capacity: 16)
    let id = PeerID(address: address(5), interface: 0)
    for beat in 0...20 as ClosedRange<Int64> {
      table.heard(
        HeartbeatArrival(
          arrival: beat * second, payload: beat * 1_000_000, wallClock: beat * 1_000_000, port: 1),
        from: id)
    }
    return try #require(table.report(of: id))
  }

  /// ups1, from 10.0.0.5.
  static func named() throws -> PeerReport<PeerID> {
    var peer = try peer()
    peer.id = PeerID(.name("ups1"), interface: 0)
    peer.lastAddress = address(5)
    return peer
  }

  /// Of 10.0.0.5 on eth0, at 25 s.
  static func one(_ event: PeerEvent<PeerID>) -> Event {
    .peer(.one(event, at: 25 * second, interface: "eth0"), group: group)
  }

  /// Of 10.0.0.5 and those that follow it.
  static func several(_ event: PeerEvent<PeerID>, count: Int = 2) -> Event {
    let subjects = (5..<5 + UInt64(count)).map { PeerSubject.address(address($0)) }
    return .peer(.several(event, count: count, subjects: subjects, interface: "eth0"), group: group)
  }

  static func interface(_ event: InterfaceEvent) -> Event { .interface(event, group: group) }

  static func receiving(_ event: ReceivingEvent) -> Event { .receiving(event, group: group) }

  /// The numbers of the first entry of a condition that lasts, and of the second.
  static func numbers() throws -> (first: SummaryPace.Summary, second: SummaryPace.Summary) {
    var pace = SummaryPace()
    pace.add(40, since: 0, now: second)
    let first = pace.take(now: second, isFinal: false)
    pace.add(2, since: 3 * second, now: 4 * second)
    let second = pace.take(now: 20 * second, isFinal: false)
    return (try #require(first), try #require(second))
  }
}
