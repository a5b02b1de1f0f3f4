// SPDX-License-Identifier: Apache-2.0

import Facts
import Heartbeat
import Liveness
import Multicast
import Platform

/// What hosts say (`Facts`), what that was before, and the last minute of what is a number. Times are in
/// nanoseconds of CLOCK_MONOTONIC.
struct WatchedReadings: Sendable {
  /// How many hosts' changes are noted in a frame; the rest waits for the next.
  private static let hostsAtOnce = 500
  /// How many numbers have a history, of 300 bytes each.
  private static let mostHistories = 8192

  private struct Past: Sendable {
    var before: WatchedReading.Before?
    var numbers: NumberHistory?
  }

  private var facts: Facts
  private var past: [HostName: [Reading.ID: Past]] = [:]
  /// When hosts were last forgotten.
  private var reviewed: Int64

  /// - Parameter capacity: Of hosts.
  init(capacity: Int, at now: Int64) {
    facts = Facts(capacity: capacity, at: now)
    reviewed = now
  }

  /// How many hosts say something.
  var hostCount: Int { facts.hostCount }
  /// How many numbers have a history.
  private(set) var historyCount = 0

  // MARK: Input

  /// Takes the readings of a heartbeat, after it was given to `peers`. Allocates nothing where they are the
  /// same as before.
  ///
  /// - Parameters:
  ///   - interface: Its number.
  ///   - finding: What it proves; nil where nothing has to be proved.
  ///   - peers: Its sender must be one of them.
  mutating func hear(
    _ datagram: borrowing ReceivedDatagram, _ outline: Heartbeat.Outline, on interface: Int32,
    _ finding: HeartbeatGate.Finding?, of peers: GroupLiveness
  ) {
    let source = datagram.source.address
    guard let arrival = peers.knownArrival(datagram.receivedNanoseconds),
      let sender = facts.sender(of: outline, from: source, on: interface, among: peers)
    else { return }
    facts.hear(
      datagram.payload, outline, from: source, proof: finding?.proof, finding?.standing ?? .current,
      arrival: arrival, interval: sender.interval)
  }

  /// Notes what changed, and forgets hosts that are gone.
  mutating func judge(at now: Int64, peers: GroupLiveness) {
    for host in facts.takeChanges(at: now, limit: Self.hostsAtOnce) {
      for change in host.changes { note(change, of: host.host, at: host.time) }
    }
    guard now - reviewed >= LastMinute.second else { return }
    reviewed = now
    facts.forget(at: now, notAmong: peers)
  }

  private mutating func note(_ change: ReadingChange, of host: HostName, at time: Int64) {
    guard !change.isGone else { return forget(change.id, of: host) }
    var past = self.past[host]?[change.id] ?? Past()
    let number = change.now.quality.isKnown ? change.now.value.drawn : nil
    if past.numbers != nil {
      past.numbers?.note(number, at: time)
    } else if let number, historyCount < Self.mostHistories {
      past.numbers = NumberHistory(number, at: time)
      historyCount += 1
    }
    if let before = change.before, before.value != change.now.value,
      before.value.drawn == nil || change.now.value.drawn == nil
    {
      past.before = WatchedReading.Before(value: before.value, until: time)
    }
    self.past[host, default: [:]][change.id] = past
  }

  private mutating func forget(_ id: Reading.ID, of host: HostName) {
    if past[host]?.removeValue(forKey: id)?.numbers != nil { historyCount -= 1 }
    if past[host]?.isEmpty == true { past[host] = nil }
  }

  // MARK: Display

  /// The readings of a host as they are now, by key, a drill after the true one.
  func readings(of host: HostName, at now: Int64) -> [WatchedReading] {
    let past = past[host] ?? [:]
    let readings = facts.reports(of: host, at: now).map { report in
      WatchedReading(
        id: report.id, value: report.value, quality: report.quality, before: past[report.id]?.before,
        numbers: past[report.id]?.numbers)
    }
    return readings.sorted {
      $0.id.key == $1.id.key ? !$0.id.isDrill && $1.id.isDrill : $0.id.key < $1.id.key
    }
  }
}
