// SPDX-License-Identifier: Apache-2.0

import Journal
import Liveness
import Monitor
import Platform

/// Where the receive loop's events go: a sink each, none of which knows another.
///
/// `now` is in nanoseconds of CLOCK_MONOTONIC.
package struct EventSinks {
  private var files: PeerFileSink
  private var journal: JournalSink
  private let status: StatusSink
  private let states: StateOutlet?
  private let events: EventReporter
  private let observe: ((Event) -> Void)?

  /// - Parameters:
  ///   - folders: Nil for no files.
  ///   - states: Nil where nothing is done.
  ///   - observe: Gets every event, before the sinks; for simulations.
  package init(
    folders: (any PeerFolders)?, status: StatusSink, states: StateOutlet? = nil, events: EventReporter,
    observe: ((Event) -> Void)? = nil
  ) {
    self.status = status
    self.states = states
    self.observe = observe
    files = PeerFileSink(directory: folders)
    journal = JournalSink(journal: events.journal)
    self.events = events
  }

  /// Begins with the peers that the previous process left.
  mutating func begin(_ monitor: Monitor) { files.restore(monitor.liveness) }

  /// - Parameter monitor: as of the event.
  mutating func take(_ event: Event, _ monitor: Monitor, now: Int64) {
    observe?(event)
    // The file first: whoever reads the entry finds it.
    files.take(event, monitor.liveness)
    if case .rule(.state(let state, let isEntered, let rule, let time)) = event {
      states?.set("\(state)", isActive: isEntered, rule: rule.map { "\($0)" }, at: time)
    }
    events.stream.take(event)
    journal.take(event, monitor, now: now)
  }

  /// All events of a judgement or of a configuration were given.
  ///
  /// - Parameter isTick: As of `StatusSink`.
  mutating func finish(_ monitor: Monitor, isTick: Bool, now: Int64) {
    status.finish(monitor, isTick: isTick)
    journal.reportComplete(now: now)
  }

  /// To be called about once a second: repairs files.
  mutating func tick(_ monitor: Monitor) {
    let change = files.repair(monitor.liveness)
    events.report(
      change, files: "peers", consequence: "Units that watch them may not see that a peer fell silent.")
  }

  /// Reports what was only counted.
  ///
  /// - Parameter isFinal: Whether receiving has ended, so that nothing may wait for a later call.
  mutating func reportSuppressed(now: Int64, isFinal: Bool) {
    journal.reportComplete(now: now, isFinal: isFinal)
    journal.reportSuppressed(now: now, isFinal: isFinal)
  }

  /// When to call `finish` if no judgement comes first; nil for never.
  var nextDue: Int64? { journal.nextDue }

  /// Numbers of interfaces that sinks still need the names of.
  var interfaces: Set<Int32> { files.interfaces }
}
