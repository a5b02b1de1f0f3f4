// SPDX-License-Identifier: Apache-2.0

import Dispatch
import EventLoop
import Heartbeat
import Multicast

/// What the subscriber does besides receiving: drops, summaries, and judging who was heard.
extension Subscriber {
  /// Once a second.
  ///
  /// - Returns: up to which drop count of which socket (by its cookie) the drops are in the ledger.
  func second() -> (cookie: UInt64, count: UInt32)? {
    catchUp()
    countDrops()
    tellWithheld(isFinal: false)
    reception.peers.readZone()
    judge()
    guard let receiver, let drops else { return nil }
    return (receiver.cookie, drops.baseline)
  }

  /// Brings the ledger up to date with the kernel's drop count.
  func countDrops() {
    guard let receiver, let new = drops?.update(receiver.kernelDrops) else { return }
    let now = MonotonicClock.now()
    reception.peers.noteDrops(Int(new), now: now)
    guard new > 0 else { return }
    book.enter { $0.drop(UInt64(new)) }
    events.report(
      .kernelDrops, .warning,
      "the kernel dropped \(new) datagrams to \(receiver.group): the receive buffer of "
        + "\(receiver.grantedReceiveBuffer) bytes was full. Raise receive-buffer, and net.core.rmem_max with it.",
      fields(of: receiver.group).merging(["MCAST_DROPPED": "\(new)"]) { $1 })
  }

  /// Tells which datagrams have no entry of their own.
  ///
  /// - Parameter isFinal: whether nothing is received any more.
  func tellWithheld(isFinal: Bool) {
    for summary in reception.log.takeSummaries(isFinal: isFinal) { report(summary) }
  }

  private func report(_ summary: WithheldSummary) {
    let loudest = summary.loudest.map { "\($0.source) (\($0.count))" }.joined(separator: ", ")
    let span = Milliseconds.text(summary.span)
    let fields = [
      "MCAST_SUMMARISED": "\(summary.count)", "MCAST_SPAN_USEC": "\(summary.span / 1000)",
      "MCAST_LOUDEST": loudest, "MCAST_REASON": summary.reason.text,
    ]
    switch summary.reason {
    case .budget:
      events.report(
        .summarised, .warning,
        "\(summary.count) datagrams within \(span) have no entry of their own: over the budget of log.rate and "
          + "log.burst. Loudest: \(loudest)", fields)
    case .stall:
      events.report(
        .journalStalled, .warning,
        "\(summary.count) datagrams within \(span) have no entry of their own: the journal did not take entries "
          + "and log.queue was full. Loudest: \(loudest)", fields)
    }
  }

  private func fields(of group: Endpoint) -> [String: String] {
    ["MCAST_GROUP": "\(group.address)", "MCAST_PORT": "\(group.port)"]
  }

  // MARK: Peers

  private func judge() {
    guard let receiver else { return }
    let now = MonotonicClock.now()
    let journal = PeerJournal(events: events, group: receiver.group)
    // Without an interface nobody can be heard, and nobody is to blame for it.
    if reception.members.isEmpty { reception.peers.noteDeafness(from: lastSecond, to: now) }
    lastSecond = now
    for (index, times) in sent.take() {
      if let member = reception.members.find(index) { reception.peers.noteSent(times, on: member.number) }
    }
    if let event = reception.peers.judgeOwn(now: now) { reception.ownEvents.append(event) }
    for event in reception.ownEvents { journal.report(event) }
    reception.ownEvents = []
    for event in reception.peers.judge() {
      journal.report(event, reception.peers.names)
      follow(event, receiver, now: now)
    }
    scheduleJudgement()
  }

  /// A peer with a short interval is not to wait for the next second.
  private func scheduleJudgement() {
    guard let deadline = reception.peers.nextDeadline else { return }
    let timer = judgement ?? makeJudgementTimer()
    judgement = timer
    let earliest = MonotonicClock.now() + 50_000_000
    timer.schedule(deadline: DispatchTime(uptimeNanoseconds: UInt64(max(deadline, earliest))))
  }

  private func makeJudgementTimer() -> any DispatchSourceTimer {
    let timer = DispatchSource.makeTimerSource(queue: executor.queue)
    timer.setEventHandler { [unowned self] in
      assumeIsolated {
        $0.catchUp()
        $0.judge()
      }
    }
    timer.activate()
    return timer
  }

  private func follow(_ event: PeerEvent<PeerID>, _ receiver: MulticastReceiver, now: Int64) {
    switch event {
    case .networkSilent:
      guard rejoin.networkSilent(at: now) else { return }
      for index in reception.members.interfaces.keys {
        receiver.leave(interfaceIndex: index)
        do throws(MulticastError) {
          try receiver.join(interfaceIndex: index, sources: sources)
        } catch {
          events.debug("\(error)")
        }
      }
    case .networkHeard:
      guard let heardFor = rejoin.networkHeard(at: now) else { return }
      events.report(
        .querierMissing, .warning,
        "\(receiver.group) fell quiet \(Milliseconds.text(heardFor)) after it was joined, and was heard again as soon as "
          + "it was joined anew: probably a switch with IGMP or MLD snooping and no querier. Enable a querier on the "
          + "switch or bridge (multicast_querier), or turn snooping off.",
        fields(of: receiver.group))
    default: break
    }
  }
}
