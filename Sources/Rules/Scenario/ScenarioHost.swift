// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Liveness
import Platform

/// A host of a scenario: what it says, and the heartbeats in which it does.
struct ScenarioHost: Sendable {
  let subject: PeerSubject
  /// Where its heartbeats come from.
  let source: Endpoint
  /// What they prove.
  var proof = Proof.ok
  private(set) var isBeating = false
  private var said = Announcement()
  private var readings: [Reading.ID: ReadingValue] = [:]
  private var words = ReadingWords()
  private var composer = HeartbeatComposer()

  /// - Parameter number: Of the host, from 0.
  init(_ subject: PeerSubject, number: Int) {
    self.subject = subject
    // Any that are different: a host with a name is known by that.
    let address = IPAddress(family: .ipv4, high: 0, low: 0xc612_0000 + UInt64(number))
    source = Endpoint(subject.address ?? address, port: 5001)
    guard let name = subject.name else { return }
    said = Self.announcement(of: name)
  }

  private static func announcement(of name: HostName) -> Announcement {
    var said = Announcement()
    (said.host, said.run, said.every) = (name, 1, ScenarioPlayer.beat)
    return said
  }

  /// Bytes that its readings may have, as in a daemon whose heartbeats are sealed in both ways.
  static func room(of name: HostName) -> Int {
    HeartbeatComposer.room(beside: announcement(of: name), seal: nil) - sealSize
  }

  /// ` sig=ID:CODE mac=ID:CODE` with short IDs.
  private static let sealSize = 130

  /// What it says, in the order of the words.
  var saying: [Reading] { readings.map { Reading($0.key, $0.value) }.sorted { $0.id < $1.id } }

  /// Does something, after which it is to be heard at once.
  mutating func act(_ deed: Scenario.Deed) {
    switch deed {
    case .say(let id, let value):
      isBeating = true
      guard readings[id] != value else { return }
      readings[id] = value
      said.state += 1
      guard let name = subject.name else { return }
      words = ReadingWords.composed(saying, room: Self.room(of: name)).words
    case .beat: isBeating = true
    case .fallSilent, .leave: isBeating = false
    case .prove(let proof): self.proof = proof
    case .appear: break
    }
  }

  /// Its next heartbeat.
  ///
  /// - Parameters:
  ///   - time: Of its wall clock, UTC, in nanoseconds since the epoch.
  ///   - isGoodbye: Whether it is the last one.
  mutating func nextBeat(at time: Int64, isGoodbye: Bool) -> [UInt8] {
    guard subject.name != nil else {
      composer.compose(CivilTime(realtime: time, zone: .utc))
      return composer.bytes
    }
    said.sequence += 1
    said.isGoodbye = isGoodbye
    composer.compose(CivilTime(realtime: time, zone: .utc), said, utcOffset: 0, readings: words)
    return composer.bytes
  }
}
