// SPDX-License-Identifier: Apache-2.0

import Liveness
import Platform

/// Reports the events of a group's peers in the journal: `PeerJournal` at the pace of `EventRateLimiter`.
///
/// `names` are those of the interfaces, `now` is in nanoseconds of CLOCK_MONOTONIC.
package struct PeerReporter {
  private let events: EventLog
  private var limiter = EventRateLimiter()
  /// The entries that need no pace; nil while no group is listened to.
  package private(set) var journal: PeerJournal?

  package init(events: EventLog) { self.events = events }

  /// The group that entries name from now on; nil for none.
  package mutating func setGroup(_ group: Endpoint?) {
    journal = group.map { PeerJournal(events: events, group: $0) }
  }

  /// Takes an event; its entry may wait for those of other peers.
  ///
  /// - Parameter peers: as of the event.
  package mutating func report(_ event: PeerEvent<PeerID>, of peers: PeerInterfaces, now: Int64) {
    // While another peer is late more may follow, and all share an entry.
    let isAlone =
      if case .silent = event { peers.counts(on: event.interface).late == 0 } else { false }
    guard !limiter.add(event, now: now, isAlone: isAlone) else { return }
    switch event {
    case .networkSilent, .networkHeard:
      // Pending entries first, to keep the order of events.
      reportComplete(peers.names, now: now, isFinal: true)
      journal?.reportNetwork(event, peers.names)
    default: break
    }
  }

  /// Reports the entries that wait for no other event.
  ///
  /// - Parameter isFinal: whether no event follows, so that all entries are complete.
  package mutating func reportComplete(_ names: InterfaceNames, now: Int64, isFinal: Bool = false) {
    guard let journal else { return }
    for entry in limiter.take(now: now, isFinal: isFinal) { journal.report(entry, names) }
  }

  /// Reports how many events exceeded the rate limit, at the pace of `SummaryPace`.
  ///
  /// - Parameter isFinal: whether this is the last occasion.
  package mutating func reportSuppressed(now: Int64, isFinal: Bool) {
    guard let journal, let suppressed = limiter.takeSuppressed(now: now, isFinal: isFinal) else { return }
    journal.report(suppressed: suppressed)
  }

  /// When the next entry is complete; nil if none waits.
  package var nextDue: Int64? { limiter.nextDue }
}
