// SPDX-License-Identifier: Apache-2.0

import EventLoop
import Multicast
import Settings
import Synchronization

/// Why datagrams have no entry of their own.
package enum WithheldReason: String, Sendable {
  case budget
  case stall
}

/// What a WARNING entry says about datagrams without an entry of their own.
package struct WithheldSummary: Sendable {
  package var reason: WithheldReason
  package var count: UInt64
  /// From the first to the last, in nanoseconds.
  package var span: Int64
  /// Loudest first.
  package var loudest: [(source: IPAddress, count: UInt64)]
}

/// Records received datagrams: decides by the budget which get an entry, and puts those into the journal's queue.
///
/// It belongs to the receive loop and never waits; what the queue cannot take is counted.
final class DatagramLog {
  private let queue: EntryQueue
  private let book: LedgerBook
  private let wakeWriter: @Sendable () -> Void
  private let form: DatagramEntry.Form
  private var entry: DatagramEntry
  private var settings: Settings.Log
  private var budget: LogBudget
  private var batch: EntryQueue.Batch
  private var counts = Ledger.Batch()
  private var withheld: [WithheldReason: (tally: Withheld, loudest: LoudestSources)] = [:]
  /// Monotonic nanoseconds of the batch being recorded.
  private var now: Int64

  init(
    queue: EntryQueue, book: LedgerBook, form: DatagramEntry.Form, group: Endpoint, settings: Settings.Log,
    wakeWriter: @escaping @Sendable () -> Void
  ) {
    self.queue = queue
    self.book = book
    self.form = form
    self.wakeWriter = wakeWriter
    self.settings = settings
    now = MonotonicClock.now()
    entry = DatagramEntry(form: form, group: group)
    budget = LogBudget(settings, now: now)
    batch = queue.begin()
  }

  /// Takes new settings; the budget starts full when it changes.
  func apply(_ settings: Settings.Log, group: Endpoint) {
    entry = DatagramEntry(form: form, group: group)
    if settings.rate != self.settings.rate || settings.burst != self.settings.burst {
      budget = LogBudget(settings, now: MonotonicClock.now())
    }
    if settings.queue != self.settings.queue { queue.resize(to: settings.queue) }
    self.settings = settings
  }

  // MARK: A batch

  func begin(now: Int64) {
    self.now = now
    counts = Ledger.Batch()
    batch = queue.begin()
  }

  /// Counts a datagram that was not for us.
  func countForeign() { counts.foreign += 1 }

  func record(_ facts: borrowing DatagramFacts, isOwn: Bool) {
    if facts.size > facts.payload.count { counts.truncated += 1 }
    // The operator asked for these to be left out: nothing to warn of.
    if (isOwn && !settings.own) || settings.level < .info {
      counts.summarised += 1
      return
    }
    guard budget.admit(facts.source.address, now: now) else {
      withhold(facts.source.address, .budget)
      return
    }
    let limit = facts.payload.count + DatagramEntry.overhead
    if batch.append(upTo: limit, { entry.write(facts, into: $0) }) {
      counts.queued += 1
    } else {
      withhold(facts.source.address, .stall)
    }
  }

  /// Enters the batch into the ledger, then shows it to the writer: in this order the ledger never counts an entry as
  /// logged before it was received.
  func end() {
    let counts = counts
    book.enter { $0.receive(counts) }
    guard batch.entries > 0 else { return }
    if queue.publish(batch) { wakeWriter() }
  }

  private func withhold(_ source: IPAddress, _ reason: WithheldReason) {
    counts.summarised += 1
    withheld[reason, default: (Withheld(), LoudestSources())].tally.add(now: now)
    withheld[reason]?.loudest.add(source)
  }

  // MARK: Summaries

  /// What has been withheld since the last call. A stall is told when it is over, that is, once the queue is half
  /// empty again, so that it is told once.
  func takeSummaries() -> [WithheldSummary] {
    [.budget, .stall].compactMap { (reason: WithheldReason) in
      guard let (tally, sources) = withheld[reason], !tally.isEmpty else { return nil }
      var loudest = sources
      if reason == .stall, queue.used > settings.queue / 2 { return nil }
      withheld[reason] = nil
      return WithheldSummary(
        reason: reason, count: tally.count, span: tally.span, loudest: loudest.take(3))
    }
  }
}

extension LogBudget {
  init(_ settings: Settings.Log, now: Int64) {
    self.init(rate: settings.hasBudget ? settings.rate : 0, burst: settings.burst, now: now)
  }
}

extension Settings.LogLevel {
  static func < (left: Settings.LogLevel, right: Settings.LogLevel) -> Bool { left.priority < right.priority }
}
