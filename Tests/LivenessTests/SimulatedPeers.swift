// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Heartbeat
@testable import Liveness

/// A second, in nanoseconds.
let second: Int64 = 1_000_000_000
/// A millisecond, in nanoseconds.
let millisecond: Int64 = 1_000_000

/// A sender with an absolute schedule and a clock of its own.
struct SimulatedSender {
  var id: Int
  var interval: Int64 = second
  var phase: Int64 = 0
  /// What the sender's clock is ahead of the monotonic one, in microseconds.
  var clock: Int64 = 1_790_000_000_000_000
  var port: UInt16 = 40_000

  /// When beat `number` is sent.
  func due(_ number: Int) -> Int64 { phase + Int64(number) * interval }

  /// HeartbeatArrival `number`, so long after it was sent.
  func beat(_ number: Int, delay: Int64 = 0, clockStep: Int64 = 0) -> HeartbeatArrival {
    beat(sentAt: due(number), delay: delay, clockStep: clockStep)
  }

  func beat(sentAt sent: Int64, delay: Int64 = 0, clockStep: Int64 = 0) -> HeartbeatArrival {
    let payload = sent / 1000 + clock + clockStep
    return HeartbeatArrival(
      arrival: sent + delay, payload: payload, wallClock: (sent + delay) / 1000, port: port)
  }
}

/// Plays beats to a table as the daemon does: in the order of arrival, with a judgement at each deadline and
/// after each beat. Whatever is played, it checks that no transition is illegal and that the counts are
/// right.
struct Playback {
  struct Entry {
    var time: Int64
    var event: PeerEvent<Int>
  }

  var table: PeerTable<Int>
  private(set) var log: [Entry] = []
  private(set) var now: Int64 = 0
  private var states: [Int: PeerState] = [:]

  init(capacity: Int = 4096) {
    table = PeerTable(capacity: capacity)
  }

  init(resuming table: PeerTable<Int>, at now: Int64) {
    self.table = table
    self.now = now
    table.forEachPeer { states[$0.id] = $0.state }
  }

  mutating func play(_ beats: [(id: Int, beat: HeartbeatArrival)], until end: Int64) {
    for (id, beat) in beats.sorted(by: { $0.beat.arrival < $1.beat.arrival }) {
      wait(until: beat.arrival)
      table.heard(beat, from: id)
      look(at: id)
      judge(at: max(now, beat.arrival))
    }
    wait(until: end)
  }

  /// Lets time pass without a beat.
  mutating func wait(until end: Int64) {
    // The roster's own deadline: the table's is rounded up, and a beat may come in between.
    while let deadline = table.roster.nextDeadline, deadline <= end {
      judge(at: max(now, deadline))
    }
    now = max(now, end)
  }

  mutating func judge(at time: Int64) {
    now = time
    table.judge(at: time)
    for event in table.takeEvents() {
      log.append(Entry(time: time, event: event))
      switch event {
      case .forgotten(let report), .evicted(let report): states[report.id] = nil
      case .discovered(let report), .silent(let report), .back(let report), .left(let report),
        .returned(let report), .contested(let report, _), .unknown(let report), .known(let report):
        look(at: report.id)
      case .networkSilent, .networkHeard: break
      }
    }
  }

  private mutating func look(at id: Int) {
    guard let state = table.report(of: id)?.state else { return }
    let before = states.updateValue(state, forKey: id)
    guard let before else {
      #expect(state == .alive, "\(id) begins as \(state)")
      return
    }
    // A beat and a judgement may pass through late unseen.
    let isLegal =
      before == state || before.canBecome(state)
      || (before.canBecome(.late) && PeerState.late.canBecome(state))
    if !isLegal { Issue.record("\(id): \(before) to \(state)") }
  }

  /// Holds the table's counts against the table.
  func checkCounts() {
    var counts = PeerCounts()
    table.forEachPeer {
      switch $0.state {
      case .alive: counts.alive += 1
      case .late: counts.late += 1
      case .silent: counts.silent += 1
      case .left: counts.left += 1
      case .unknown: counts.unknown += 1
      }
    }
    counts.refused = table.counts.refused
    #expect(table.counts == counts)
  }

  var discovered: [(time: Int64, id: Int)] {
    log.compactMap { if case .discovered(let report) = $0.event { ($0.time, report.id) } else { nil } }
  }
  var silent: [(time: Int64, id: Int)] {
    log.compactMap { if case .silent(let report) = $0.event { ($0.time, report.id) } else { nil } }
  }
  var back: [(time: Int64, id: Int)] {
    log.compactMap { if case .back(let report) = $0.event { ($0.time, report.id) } else { nil } }
  }
  var forgotten: [Int] {
    log.compactMap { if case .forgotten(let report) = $0.event { report.id } else { nil } }
  }
  var evicted: [Int] {
    log.compactMap { if case .evicted(let report) = $0.event { report.id } else { nil } }
  }
  var unknown: [(time: Int64, id: Int)] {
    log.compactMap { if case .unknown(let report) = $0.event { ($0.time, report.id) } else { nil } }
  }
  var networkSilent: [(time: Int64, peers: Int)] {
    log.compactMap { if case .networkSilent(let peers, _, _) = $0.event { ($0.time, peers) } else { nil } }
  }
  var networkHeard: [Int64] {
    log.compactMap { if case .networkHeard = $0.event { $0.time } else { nil } }
  }
}

extension SimulatedSender {
  /// The beats of a range, on time.
  func beats(_ numbers: Range<Int>) -> [(id: Int, beat: HeartbeatArrival)] {
    numbers.map { (id, beat($0, delay: 100_000)) }
  }
}

extension HeartbeatArrival {
  /// The same from another port.
  func from(port: UInt16) -> HeartbeatArrival {
    HeartbeatArrival(arrival: arrival, payload: payload, wallClock: offset + payload, port: port)
  }
}

// What most tests mean: our own heartbeats come back, and every event is taken.
extension PeerTable {
  mutating func judge(at now: Int64) { judge(at: now, hearsItself: true) }

  mutating func takeEvents() -> [PeerEvent<ID>] { takeEvents(limit: .max) }
}

extension PeerInterfaces {
  mutating func judge(at moment: Int64, now: Int64) -> [PeerID] {
    judge(at: moment, now: now, selfTest: SelfTest())
  }

  mutating func takeEvents() -> [PeerEvent<PeerID>] { takeEvents(limit: .max) }
}
