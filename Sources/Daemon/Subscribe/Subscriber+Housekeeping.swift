// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Heartbeat
import Journal
import Liveness
import Multicast
import Platform

/// Periodic work of the subscriber: drops, summaries, verdicts about peers, files.
extension Subscriber {
  /// Period of the housekeeping tick, in ns. A little less than the usual interval of heartbeats: the tick
  /// runs after a read, when the loop is awake anyway.
  static let tickInterval: Int64 = 900_000_000

  /// Starts the timer that runs the tick while nothing is received.
  func startHousekeeping() {
    let timer = DispatchSource.makeTimerSource(queue: executor.queue)
    timer.schedule(deadline: .now() + 1.5, repeating: 1.5, leeway: .milliseconds(300))
    timer.setEventHandler { [unowned self] in
      assumeIsolated { if $0.isTickDue(Clocks.monotonic()) { $0.tick() } }
    }
    timer.activate()
    housekeeping = timer
  }

  func isTickDue(_ now: Int64) -> Bool { now - lastTick >= Self.tickInterval }

  /// The housekeeping tick, about once a second.
  func tick() {
    lastTick = Clocks.monotonic()
    progress.touch()
    catchUp()
    countDrops()
    judgeDrops()
    reportSuppressed(isFinal: false)
    pipeline.peers.readZone()
    judge()
    share(countsMatter: true)
    keepFiles()
  }

  private func keepFiles() {
    events.report(
      pipeline.peers.repairFiles(), files: "peers",
      consequence: "Units that watch them may not see that a peer fell silent.")
    drops.save(events)
  }

  /// Adds new drops of the kernel to the ledger.
  func countDrops() {
    guard let receiver else { return }
    let now = Clocks.monotonic()
    let new = drops.count(receiver, now: now)
    pipeline.peers.liveness.noteDrops(Int(new), now: now)
    if new > 0 { ledger.update { $0.drop(UInt64(new)) } }
  }

  private func judgeDrops() {
    guard let group = receiver?.group, let change = pipeline.peers.liveness.judgeDrops(now: lastTick)
    else {
      return
    }
    PeerJournal(events: events, group: group).report(change)
  }

  /// Publishes the summary of peers for the status line.
  ///
  /// - Parameter countsMatter: False to publish a change of conditions only; counts may change a hundred
  ///   times a second.
  private func share(countsMatter: Bool) {
    let summary = PeerSummary(
      counts: pipeline.peers.liveness.counts, conditions: pipeline.peers.liveness.conditions)
    let hasChanged = shared.withLock { shared in
      guard countsMatter || shared.peers.conditions != summary.conditions else { return false }
      defer { shared.peers = summary }
      return shared.peers != summary
    }
    if hasChanged { summaryChanged() }
  }

  /// Reports datagrams and events that were only counted, at the pace of `SummaryPace`, and an excessive
  /// volume of entries.
  ///
  /// - Parameter isFinal: Whether receiving has ended, so that nothing may wait for a later tick.
  func reportSuppressed(isFinal: Bool) {
    let now = Clocks.monotonic()
    for summary in pipeline.log.takeSummaries(now: now, isFinal: isFinal) { events.report(summary) }
    if let excess = pipeline.log.takeExcess(now: now) { report(excess) }
    guard let receiver else { return }
    drops.report(receiver, events, now: now, isFinal: isFinal)
    let journal = PeerJournal(events: events, group: receiver.group)
    for entry in limiter.take(now: now, isFinal: isFinal) {
      journal.report(entry, pipeline.peers.liveness.names)
    }
    if let suppressed = limiter.takeSuppressed(now: now, isFinal: isFinal) {
      journal.report(suppressed: suppressed)
    }
  }

  private func report(_ excess: JournalVolume.Excess) {
    let gigabytes = excess.bytes / 100_000_000
    events.report(
      .heartbeatVolume, .warning,
      "heartbeats take \(gigabytes / 10).\(gigabytes % 10) GB of the journal a day, as of the last "
        + "\(DurationText.words(excess.span)). Set log.heartbeats=own or log.heartbeats=no: peers are "
        + "watched "
        + "and reported all the same. Or give mcastd a journal of its own with LogNamespace= in the unit.",
      ["MCAST_BYTES_A_DAY": "\(excess.bytes)", "MCAST_COUNT": "\(excess.entries)"])
  }

  // MARK: Peers

  private func judge() {
    guard let subscription else { return }
    let now = Clocks.monotonic()
    let journal = PeerJournal(events: events, group: subscription.receiver.group)
    for (index, times) in sent.take() {
      if let number = pipeline.members.number(of: index) {
        pipeline.peers.liveness.noteSent(times, on: number)
      }
    }
    if let event = pipeline.peers.liveness.judgeOwn(now: now) { pipeline.ownEvents.append(event) }
    for event in pipeline.ownEvents { journal.report(event, pipeline.peers.liveness.names) }
    pipeline.ownEvents = []
    for event in pipeline.peers.judge() {
      report(event, journal, now: now)
      follow(event, subscription, now: now)
    }
    for entry in limiter.take(now: now) { journal.report(entry, pipeline.peers.liveness.names) }
    journal.report(
      missing: pipeline.peers.takeMissing(), waited: pipeline.peers.liveness.expected.patience)
    scheduleJudgement()
  }

  private func report(_ event: PeerEvent<PeerID>, _ journal: PeerJournal, now: Int64) {
    // While another peer is late more may follow, and all share an entry.
    let isAlone =
      if case .silent = event {
        pipeline.peers.liveness.interfaces.counts(on: event.interface).late == 0
      } else {
        false
      }
    guard !limiter.add(event, now: now, isAlone: isAlone) else { return }
    switch event {
    case .networkSilent, .networkHeard:
      // Pending entries first, to keep the order of events.
      for entry in limiter.take(now: now, isFinal: true) {
        journal.report(entry, pipeline.peers.liveness.names)
      }
      journal.reportNetwork(event, pipeline.peers.liveness.names)
    default: break
    }
  }

  /// Sets a timer for deadlines before the next tick, which peers with a short interval have. A timer that
  /// fires early enough is left alone: deadlines move with every beat, and setting a timer wakes a thread.
  private func scheduleJudgement() {
    let now = Clocks.monotonic()
    let deadlines = [pipeline.peers.nextDeadline, limiter.nextDue].compactMap { $0 }
    guard let deadline = deadlines.min() else { return }
    // `judgementDue` may be past already if the socket was not emptied then.
    if judgementDue > now, judgementDue < deadline { return }
    let timer = judgement ?? makeJudgementTimer()
    judgement = timer
    judgementDue = max(deadline, now + 10_000_000)
    timer.schedule(deadline: DispatchTime(uptimeNanoseconds: UInt64(judgementDue)))
  }

  private func makeJudgementTimer() -> any DispatchSourceTimer {
    let timer = DispatchSource.makeTimerSource(queue: executor.queue)
    timer.setEventHandler { [unowned self] in
      assumeIsolated {
        $0.catchUp()
        $0.judge()
        $0.share(countsMatter: false)
      }
    }
    timer.activate()
    return timer
  }

  /// Renews the membership when all peers of an interface are silent: a snooping switch may have expired it
  /// (`QuerierProbe`).
  private func follow(_ event: PeerEvent<PeerID>, _ subscription: GroupSubscription, now: Int64) {
    guard let index = pipeline.members.index(of: event.interface) else { return }
    let peers = pipeline.peers.liveness.interfaces
    switch event {
    case .networkSilent(_, _, let since):
      renewMembership(on: index, at: now, last: since, isNetwork: true)
    case .silent(let peer)
    where peers.counts(on: event.interface).total == peers.counts(on: event.interface).silent:
      renewMembership(on: index, at: now, last: peer.lastHeard, isNetwork: false)
    case .networkHeard(let id, let silence):
      judgeQuerier(
        index, event.interface, subscription, at: subscription.end(of: silence, on: index) ?? now,
        interval: peers.report(of: id)?.interval ?? 0)
    case .back(let peer):
      judgeQuerier(index, event.interface, subscription, at: peer.stateSince, interval: peer.interval)
    default: break
    }
  }

  private func judgeQuerier(
    _ index: UInt32, _ number: Int32, _ subscription: GroupSubscription, at time: Int64, interval: Int64
  ) {
    guard let heardFor = subscription.heard(index, at: time, interval: interval),
      !pipeline.peers.liveness.selfTest.areMissing(on: number)
    else { return }
    let group = subscription.receiver.group
    let place = pipeline.peers.liveness.names.name(of: number)
    events.report(
      .querierMissing, .warning,
      "\(group) fell quiet on \(place) \(DurationText.words(heardFor)) after it was joined, and was heard "
        + "again as "
        + "soon as it was joined again: probably a switch with IGMP or MLD snooping and no querier. "
        + "Enable a querier "
        + "on the switch or bridge (multicast_querier), or turn snooping off.",
      group.eventFields.merging(["MCAST_INTERFACE": place]) { $1 })
  }
}
