// SPDX-License-Identifier: Apache-2.0

import Journal
import Liveness
import Monitor
import Platform
import Rules

/// Events as entries of the journal, those of peers at the pace of `EventRateLimiter`.
///
/// `now` is in nanoseconds of CLOCK_MONOTONIC.
struct JournalSink {
  private let journal: EventLog
  private var limiter = EventRateLimiter()
  private var readings = ReadingBudget()
  private var rules = RuleBudget()

  init(journal: EventLog) { self.journal = journal }

  /// Takes an event; its entry may wait for those of other peers.
  ///
  /// - Parameter monitor: as of the event.
  mutating func take(_ event: Event, _ monitor: Monitor, now: Int64) {
    if case .readings(let event, let group) = event { return take(event, of: group, now: now) }
    if case .rule(.changed(let transition)) = event, !rules.admits(transition, now: now) { return }
    guard case .peer(.one(let change, _, let interface), let group) = event else {
      if case .peer(.neverHeard, _) = event { reportComplete(now: now) }
      return journal.report(event)
    }
    guard !change.isOfNetwork else {
      // Pending entries first, to keep the order of events.
      reportComplete(now: now, isFinal: true)
      return journal.report(event)
    }
    // While another peer is late more may follow, and all share an entry.
    let isAlone =
      if case .silent = change { monitor.liveness.interfaces.counts(on: change.interface).late == 0 } else {
        false
      }
    limiter.add(change, of: group, on: interface, now: now, isAlone: isAlone)
  }

  /// What changed has an entry each; what became unknown or known of a host has one together.
  private mutating func take(_ event: ReadingsEvent, of group: Endpoint, now: Int64) {
    let events = if case .changed = event { event.single } else { [event] }
    for event in events.map({ Event.readings($0, group: group) }) where EventCatalogue.entry(of: event) != nil
    {
      guard case .readings(let part, _) = event, let host = part.changes?.host,
        readings.admits(host, of: group, now: now)
      else { continue }
      journal.report(event)
    }
  }

  /// Reports the entries that wait for no other event.
  ///
  /// - Parameter isFinal: whether no event follows, so that all entries are complete.
  mutating func reportComplete(now: Int64, isFinal: Bool = false) {
    for event in limiter.take(now: now, isFinal: isFinal) { journal.report(event) }
  }

  /// Reports how many events exceeded the rate limit, at the pace of `SummaryPace`.
  ///
  /// - Parameter isFinal: whether this is the last occasion.
  mutating func reportSuppressed(now: Int64, isFinal: Bool) {
    if let event = limiter.takeSuppressed(now: now, isFinal: isFinal) { journal.report(event) }
    if let event = readings.takeSuppressed(now: now, isFinal: isFinal) { journal.report(event) }
    if let event = rules.takeSuppressed(now: now, isFinal: isFinal) { journal.report(event) }
  }

  /// When the next entry is complete; nil if none waits.
  var nextDue: Int64? { limiter.nextDue }
}

extension PeerEvent {
  /// Whether it is of all peers together.
  var isOfNetwork: Bool {
    switch self {
    case .networkSilent, .networkHeard: true
    case .discovered, .silent, .back, .left, .returned, .contested, .unknown, .known, .forgotten, .evicted:
      false
    }
  }
}
