// SPDX-License-Identifier: Apache-2.0

import Liveness
import Platform
import Synchronization

/// Records received datagrams: decides by the budget which get an entry, and puts those into the journal's queue.
///
/// It belongs to the receive loop and never waits; what the queue cannot take is counted.
package struct DatagramLog {
  private let queue: EntryQueue
  private let book: LedgerBook
  private let wakeWriter: @Sendable (_ entries: Int) -> Void
  private let form: DatagramEntry.Form
  private var entry: DatagramEntry
  private var policy: LogPolicy
  private var budget: LogBudget
  private var batch: EntryQueue.Batch
  private var counts = Ledger.Batch()
  private var volume: JournalVolume
  private var overBudget = Withheld()
  private var stalled = Withheld()
  /// Monotonic nanoseconds of the batch being recorded.
  private var now: Int64

  package init(
    queue: EntryQueue, book: LedgerBook, form: DatagramEntry.Form, group: Endpoint, policy: LogPolicy,
    wakeWriter: @escaping @Sendable (_ entries: Int) -> Void
  ) {
    self.queue = queue
    self.book = book
    self.form = form
    self.wakeWriter = wakeWriter
    self.policy = policy
    now = MonotonicClock.now()
    entry = DatagramEntry(form: form, group: group)
    budget = LogBudget(rate: policy.rate, burst: policy.burst, now: now)
    volume = JournalVolume(now: now)
    batch = queue.begin()
  }

  /// Takes a new policy; the budget starts full when it changes.
  package mutating func apply(_ policy: LogPolicy, group: Endpoint) {
    let names = entry.interfaceNames
    entry = DatagramEntry(form: form, group: group)
    entry.interfaceNames = names
    if policy.rate != self.policy.rate || policy.burst != self.policy.burst {
      budget = LogBudget(rate: policy.rate, burst: policy.burst, now: MonotonicClock.now())
    }
    if policy.queue != self.policy.queue { queue.resize(to: policy.queue) }
    if policy != self.policy { volume.restart(now: MonotonicClock.now()) }
    self.policy = policy
  }

  /// The names of interfaces, by the number that datagrams carry.
  package mutating func setInterfaceNames(_ names: InterfaceNames) { entry.interfaceNames = names.bytes }

  // MARK: A batch

  package mutating func begin(now: Int64) {
    self.now = now
    counts = Ledger.Batch()
    batch = queue.begin()
  }

  /// Counts a datagram that was not for us.
  package mutating func countForeign() { counts.foreign += 1 }

  /// - Parameter isOwn: whether it is a heartbeat that we sent.
  package mutating func record(_ facts: DatagramFacts, isOwn: Bool) {
    if facts.size > facts.payload.count { counts.truncated += 1 }
    // The operator asked for these to be left out: nothing to warn of.
    let isUnwanted = facts.isHeartbeat && (isOwn ? policy.leavesOutOwn : policy.leavesOutOthers)
    if isUnwanted || policy.leavesOutAll {
      counts.summarised += 1
      return
    }
    guard budget.admit(facts.source.address, now: now) else {
      counts.summarised += 1
      overBudget.add(facts.source.address, now: now)
      return
    }
    let limit = facts.payload.count + DatagramEntry.overhead
    if batch.append(upTo: limit, { entry.write(facts, into: $0) }) {
      counts.queued += 1
      if facts.isHeartbeat { volume.add(payload: facts.payload.count) }
    } else {
      counts.summarised += 1
      stalled.add(facts.source.address, now: now)
    }
  }

  /// Enters the batch into the ledger, then shows it to the writer: in this order the ledger never counts an entry as
  /// logged before it was received.
  package mutating func end() {
    let counts = counts
    book.enter { $0.receive(counts) }
    guard batch.entries > 0 else { return }
    if queue.publish(batch) { wakeWriter(batch.entries) }
  }

  // MARK: Summaries

  /// A journal that is slow for long is told of this often, in nanoseconds.
  private static let longStall: Int64 = 60_000_000_000

  /// What there is to tell of what has been withheld (`SummaryPace`); to be called once a second. A stall is
  /// told when it is over, that is, once the queue is half empty again, so that it is told once; one that
  /// does not end is told after a minute.
  ///
  /// - Parameters:
  ///   - now: monotonic nanoseconds.
  ///   - isFinal: whether there will be no other call.
  package mutating func takeSummaries(now: Int64, isFinal: Bool = false) -> [WithheldSummary] {
    var summaries: [WithheldSummary] = []
    if let summary = overBudget.take(.budget, now: now, isFinal: isFinal) { summaries.append(summary) }
    let isOver = queue.used <= policy.queue / 2 || stalled.age(now) > Self.longStall
    if isFinal || isOver, let summary = stalled.take(.stall, now: now, isFinal: isFinal) {
      summaries.append(summary)
    }
    return summaries
  }

  /// How many bytes of the journal heartbeats take a day, the first time that it is too many. There is no
  /// journal to fill where the entries are lines.
  package mutating func takeExcess(now: Int64) -> JournalVolume.Excess? {
    form == .journal ? volume.takeExcess(now: now) : nil
  }
}
