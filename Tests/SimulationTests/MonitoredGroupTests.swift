// SPDX-License-Identifier: Apache-2.0

import Platform
import Testing

@testable import Heartbeat
@testable import Liveness
@testable import Monitor
@testable import Simulation

/// A group of senders of which beats are lost, heard by a real `Monitor`, and beside it what `LossRuns` and
/// `Patience` make of the same losses by themselves.
private struct MonitoredGroup {
  private struct Sender {
    let id: PeerID
    var sequence: LossSequence
    /// What comes next of it.
    var stretch = LossSequence.Stretch(arrived: firstBeats, lost: 0, beganBad: false)
    /// Beats that were lost since the last one that arrived.
    var missing: UInt32 = 0
    var losses = LossRuns()
    var patience = Patience()

    /// - Returns: Whether the next beat arrives.
    mutating func next() -> Bool {
      if stretch.arrived == 0, stretch.lost == 0 { stretch = sequence.next() }
      guard stretch.arrived > 0 else {
        stretch.lost -= 1
        missing += 1
        return false
      }
      stretch.arrived -= 1
      return true
    }
  }

  private static let second: Int64 = 1_000_000_000
  /// None of these is lost, so that all are peers from the same time on. The first makes a source known, and
  /// the second a peer of it.
  private static let firstBeats: UInt32 = 3

  private var monitor: Monitor
  private var senders: [Sender]
  private let allowance: Patience.Allowance
  private var number: UInt64 = 0
  /// Verdicts in error: no sender ever stops.
  private(set) var alarms = 0

  init(of count: Int, _ channel: LossChannel, seed: UInt64) throws {
    let group = Endpoint(IPAddress(family: .ipv4, high: 0, low: 0xef01_0101), port: 5001)
    let configuration = Monitor.Configuration(
      group: group, capacity: 1000, expected: [], sources: [], interval: Self.second)
    monitor = Monitor(configuration, realtime: 0, at: 0, isGapless: false)
    _ = monitor.number(of: "eth0")
    _ = monitor.handle(.joined(.init(interfaces: [0], withoutCarrier: [], awaited: nil)), at: 0)
    allowance = Patience.Allowance(.standard, peers: count, interval: Self.second)
    senders = (0..<count).map { index in
      Sender(
        id: PeerID(.name("host\(index)"), interface: 0),
        sequence: LossSequence(channel, seed: seed &* 1000 &+ UInt64(index)))
    }
  }

  /// A beat of each, of which some are lost, and a tick.
  mutating func beat() {
    number += 1
    let now = Int64(number) * Self.second
    _ = monitor.handle(.reading(realtime: now), at: now)
    for index in senders.indices where senders[index].next() {
      var said = Announcement()
      (said.host, said.run, said.sequence) = (senders[index].id.subject.name, 1, number)
      said.every = Self.second
      let stamp = Heartbeat.Stamp(time: CivilTime(realtime: now, zone: .utc))
      _ = monitor.handle(
        .datagram(
          .init(
            outline: Heartbeat.Outline(stamp: stamp, said: said),
            source: Endpoint(IPAddress(family: .ipv4, high: 0, low: 0x0a00_0001 + UInt64(index)), port: 5001),
            interface: 0, received: now, origin: .peer)), at: now)
      if number > 2 { hear(&senders[index]) }
      senders[index].missing = 0
    }
    _ = monitor.handle(.read(.init(count: senders.count, isLast: true, stamp: now)), at: now)
    for case .tell(.peer(.one(.silent, _, _), _)) in monitor.handle(.tick(zoneOffset: 0), at: now) {
      alarms += 1
    }
  }

  private func hear(_ sender: inout Sender) {
    sender.losses.note(missing: sender.missing)
    if sender.losses.isReviewDue { sender.patience.review(sender.losses, allowance) }
  }

  /// The missed beats of each: by the monitor, and by the values.
  var numbers: (monitored: [Int], direct: [Int]) {
    (
      senders.map { monitor.liveness.interfaces.report(of: $0.id)?.silentAfterBeats ?? 0 },
      senders.map { Int($0.patience.beats) }
    )
  }
}

@Suite("A group that is heard by the whole daemon's rule")
struct MonitoredGroupTests {
  @Test(
    "each peer's missed beats are those that its losses make, and so are the false alarms",
    arguments: [
      (LossChannel.independent(0.01, "1 %"), 5...7, 0...1),
      (LossChannel.independent(0.2, "20 %"), 14...15, 0...30),
      (LossChannel.bursts("bursts", length: 4, every: 300, loss: (0.005, 0.7)), 13...15, 0...200),
    ])
  func numbers(channel: LossChannel, range: ClosedRange<Int>, alarms: ClosedRange<Int>) throws {
    let seed: UInt64 = 1
    print("seed \(seed)")
    var group = try MonitoredGroup(of: 12, channel, seed: seed)
    for number in 1...6000 {
      group.beat()
      guard number % 50 == 0 else { continue }
      let (monitored, direct) = group.numbers
      #expect(monitored == direct, "after \(number) beats")
    }
    #expect(group.numbers.direct.allSatisfy { range ~= $0 }, "\(group.numbers.direct)")
    #expect(alarms ~= group.alarms, "\(group.alarms)")
  }
}
