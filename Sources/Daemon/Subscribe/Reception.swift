// SPDX-License-Identifier: Apache-2.0

import Journal
import Liveness
import Monitor
import Multicast
import Platform
import Rules
import Settings

/// The memberships of the receive socket: `GroupSubscription`, or simulated ones.
package protocol GroupMemberships {
  var group: Endpoint { get }
  /// Interfaces on which the group is joined.
  var interfaces: [NetworkInterface] { get }
  /// Indices of those without a carrier.
  var withoutCarrier: Set<UInt32> { get }
  /// As `SubscriptionState.fellSilent`, carried out.
  func fellSilent(
    _ index: UInt32, at now: Int64, last: Int64, interval: Int64, isNetwork: Bool
  ) -> [InterfaceChange]
  /// As `SubscriptionState.heard`.
  func heard(_ index: UInt32, at time: Int64) -> Int64?
}

extension GroupSubscription: GroupMemberships {
  package var group: Endpoint { receiver.group }
}

/// The receive loop without its queue, timers, clocks and socket: what was read goes in, judgements come out,
/// and their events go to the sinks. `Subscriber` runs it, and so does the simulation.
///
/// `now` is in nanoseconds of CLOCK_MONOTONIC, and so are the times at which to judge again.
package struct Reception: ~Copyable {
  /// What is left to the caller.
  package struct Demands {
    /// When to give `Monitor.Input.deadline`; an earlier time given before stands.
    package var wake: Int64?
    /// Whether the memberships may have changed.
    package var showsMemberships = false
    /// Whether a wanted membership was lost, so that the interfaces are to be compared anew.
    package var membershipLost = false
    /// Whether a state was entered or left, which the next process has to know.
    package var statesChanged = false
  }

  /// Shortest time from one judgement to the next, in ns.
  static let shortestRest: Int64 = 1_000_000

  package var pipeline: ReceivePipeline
  private var sinks: EventSinks
  private let events: EventReporter
  /// The names of interfaces whose peers are kept while the interface is absent; nil for all.
  private var awaited: Set<String>?
  private var expectsOwn = false
  private var demands = Demands()
  /// How many events were told.
  private(set) var eventCount: UInt64 = 0

  package init(pipeline: consuming ReceivePipeline, sinks: EventSinks, events: EventReporter) {
    self.pipeline = pipeline
    self.sinks = sinks
    self.events = events
    self.sinks.begin(self.pipeline.monitor)
  }

  // MARK: Memberships and settings

  /// The memberships are as wanted, or there are none any more.
  ///
  /// - Parameters:
  ///   - awaited: The names of interfaces whose peers are kept while the interface is absent; nil for all.
  ///   - expectsOwn: Whether our own heartbeats should be received where we both send and receive.
  package mutating func follow(
    _ memberships: (any GroupMemberships)?, awaited: Set<String>?, expectsOwn: Bool, now: Int64
  ) {
    (self.awaited, self.expectsOwn) = (awaited, expectsOwn)
    show(memberships, now: now)
  }

  private mutating func show(_ memberships: (any GroupMemberships)?, now: Int64) {
    let directives = pipeline.listen(
      on: memberships?.interfaces ?? [], withoutCarrier: memberships?.withoutCarrier ?? [], awaited: awaited,
      expectsOwn: expectsOwn, keeping: sinks.interfaces, now: now)
    perform(directives, memberships, now: now)
    demands.showsMemberships = true
  }

  /// Applies the settings of logging and peers.
  package mutating func apply(_ settings: Settings, _ memberships: (any GroupMemberships)?, now: Int64) {
    pipeline.log.apply(LogPolicy(settings.log), group: settings.subscribe.endpoint, now: now)
    configure(Monitor.Configuration(settings), memberships, now: now)
  }

  package mutating func configure(
    _ configuration: Monitor.Configuration, _ memberships: (any GroupMemberships)?, now: Int64
  ) {
    perform(pipeline.configure(configuration, now: now), memberships, now: now)
    sinks.finish(pipeline.monitor, isTick: false, now: now)
  }

  /// Has these rules in force from now on, and no others.
  ///
  /// - Parameter entered: As of `Monitor.Input`.
  package mutating func setRules(
    _ rules: [Rule], entered: Set<RuleName>?, _ memberships: (any GroupMemberships)?, now: Int64
  ) {
    perform(pipeline.setRules(rules, entered: entered, now: now), memberships, now: now)
    sinks.finish(pipeline.monitor, isTick: false, now: now)
  }

  private mutating func perform(
    _ directives: [Directive], _ memberships: (any GroupMemberships)?, now: Int64
  ) {
    for directive in directives {
      switch directive {
      case .tell(let event): tell(event, now: now)
      case .examine(let evidence, let interface): examine(evidence, on: interface, memberships, now: now)
      case .wake(let time): wake(at: time, now: now)
      }
    }
  }

  // MARK: Judging

  /// Whether something is to be told that waits for nothing but a judgement.
  package mutating func hasNews() -> Bool { pipeline.hasNews() }

  /// Judges; everything that waits in the socket was read. Without memberships it ends what waits.
  ///
  /// - Parameters:
  ///   - input: A tick, or a deadline.
  ///   - sent: When our own heartbeats left since the last call.
  package mutating func judge(
    _ input: Monitor.Input, sent: [SentTimes.Departures], _ memberships: (any GroupMemberships)?, now: Int64
  ) {
    if memberships != nil { perform(pipeline.judge(input, sent: sent, now: now), memberships, now: now) }
    let isTick = if case .tick = input { true } else { false }
    sinks.finish(pipeline.monitor, isTick: isTick, now: now)
    wake(at: sinks.nextDue, now: now)
  }

  private mutating func wake(at time: Int64?, now: Int64) {
    guard let time else { return }
    demands.wake = min(demands.wake ?? .max, max(time, now + Self.shortestRest))
  }

  /// What is left to the caller since the last call.
  package mutating func takeDemands() -> Demands {
    defer { demands = Demands() }
    return demands
  }

  /// Joins the group again where all peers are silent, and reports a missing querier where that helped
  /// (`QuerierProbe`).
  private mutating func examine(
    _ evidence: MembershipEvidence, on interface: Int32, _ memberships: (any GroupMemberships)?, now: Int64
  ) {
    guard let memberships, let index = pipeline.members.index(of: interface) else { return }
    let (liveness, group) = (pipeline.monitor.liveness, memberships.group)
    switch evidence {
    case .silence(let last, let interval, let isNetwork):
      let changes = memberships.fellSilent(
        index, at: now, last: last, interval: interval, isNetwork: isNetwork)
      guard !changes.isEmpty else { return }
      show(memberships, now: now)
      for case .refused(let interface, let error) in changes {
        tell(.interface(.rejoinRefused(interface.name, reason: "\(error)"), group: group), now: now)
      }
      demands.membershipLost = true
    case .heard(let time):
      guard let heardFor = memberships.heard(index, at: time),
        // Where our own heartbeats are not heard either the fault is on this host.
        !liveness.selfTest.areMissing(on: interface)
      else { return }
      let name = liveness.names.name(of: interface)
      tell(.interface(.querierMissing(name, heardFor: heardFor), group: group), now: now)
    }
  }

  private mutating func tell(_ event: Event, now: Int64) {
    eventCount += 1
    if case .rule(.state) = event { demands.statesChanged = true }
    sinks.take(event, pipeline.monitor, now: now)
  }

  // MARK: Housekeeping

  /// Repairs files; about once a second, after the judgement.
  package mutating func repair() { sinks.tick(pipeline.monitor) }

  /// Reports datagrams that were only counted, at the pace of `SummaryPace`, and an excessive volume of
  /// entries.
  ///
  /// - Parameter isFinal: Whether receiving has ended, so that nothing may wait for a later call.
  package mutating func reportDatagrams(isFinal: Bool, now: Int64) {
    for event in pipeline.log.takeSummaries(now: now, isFinal: isFinal) { events.report(.journal(event)) }
    if let event = pipeline.log.takeExcess(now: now) { events.report(.journal(event)) }
  }

  /// Reports events that were only counted, as `reportDatagrams` does.
  package mutating func reportEvents(isFinal: Bool, now: Int64) {
    sinks.reportSuppressed(now: now, isFinal: isFinal)
  }
}
