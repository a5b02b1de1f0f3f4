// SPDX-License-Identifier: Apache-2.0

import EventLoop
import Multicast
import Settings
import Synchronization

/// Records received datagrams: decides by the budget which get an entry, and puts those into the journal's queue.
///
/// It belongs to the receive loop and never waits; what the queue cannot take is counted.
struct DatagramLog {
  private let queue: EntryQueue
  private let book: LedgerBook
  private let wakeWriter: @Sendable (_ entries: Int) -> Void
  private let form: DatagramEntry.Form
  private var entry: DatagramEntry
  private var settings: Settings.Log
  private var budget: LogBudget
  private var batch: EntryQueue.Batch
  private var counts = Ledger.Batch()
  /// Which heartbeats the operator wants no entries of.
  private var leavesOutOwn: Bool
  private var leavesOutOthers: Bool
  private var volume: JournalVolume
  private var overBudget = Withheld()
  private var stalled = Withheld()
  /// Monotonic nanoseconds of the batch being recorded.
  private var now: Int64

  init(
    queue: EntryQueue, book: LedgerBook, form: DatagramEntry.Form, group: Endpoint, settings: Settings.Log,
    wakeWriter: @escaping @Sendable (_ entries: Int) -> Void
  ) {
    self.queue = queue
    self.book = book
    self.form = form
    self.wakeWriter = wakeWriter
    self.settings = settings
    now = MonotonicClock.now()
    entry = DatagramEntry(form: form, group: group)
    budget = LogBudget(settings, now: now)
    leavesOutOwn = settings.leavesOutOwn
    leavesOutOthers = settings.leavesOutOthers
    volume = JournalVolume(now: now)
    batch = queue.begin()
  }

  /// Takes new settings; the budget starts full when it changes.
  mutating func apply(_ settings: Settings.Log, group: Endpoint) {
    let names = entry.interfaceNames
    entry = DatagramEntry(form: form, group: group)
    entry.interfaceNames = names
    if settings.rate != self.settings.rate || settings.burst != self.settings.burst {
      budget = LogBudget(settings, now: MonotonicClock.now())
    }
    if settings.queue != self.settings.queue { queue.resize(to: settings.queue) }
    if settings != self.settings { volume.restart(now: MonotonicClock.now()) }
    leavesOutOwn = settings.leavesOutOwn
    leavesOutOthers = settings.leavesOutOthers
    self.settings = settings
  }

  /// The names of interfaces, by the number that datagrams carry.
  mutating func setInterfaceNames(_ names: InterfaceNames) { entry.interfaceNames = names.bytes }

  // MARK: A batch

  mutating func begin(now: Int64) {
    self.now = now
    counts = Ledger.Batch()
    batch = queue.begin()
  }

  /// Counts a datagram that was not for us.
  mutating func countForeign() { counts.foreign += 1 }

  /// - Parameter isOwn: whether it is a heartbeat that we sent.
  mutating func record(_ facts: DatagramFacts, isOwn: Bool) {
    if facts.size > facts.payload.count { counts.truncated += 1 }
    // The operator asked for these to be left out: nothing to warn of.
    let isUnwanted = facts.isHeartbeat && (isOwn ? leavesOutOwn : leavesOutOthers)
    if isUnwanted || settings.level < .info {
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
  mutating func end() {
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
  mutating func takeSummaries(now: Int64, isFinal: Bool = false) -> [WithheldSummary] {
    var summaries: [WithheldSummary] = []
    if let summary = overBudget.take(.budget, now: now, isFinal: isFinal) { summaries.append(summary) }
    let isOver = queue.used <= settings.queue / 2 || stalled.age(now) > Self.longStall
    if isFinal || isOver, let summary = stalled.take(.stall, now: now, isFinal: isFinal) {
      summaries.append(summary)
    }
    return summaries
  }

  /// How many bytes of the journal heartbeats take a day, the first time that it is too many. There is no
  /// journal to fill where the entries are lines.
  mutating func takeExcess(now: Int64) -> JournalVolume.Excess? {
    form == .journal ? volume.takeExcess(now: now) : nil
  }
}

extension LogBudget {
  init(_ settings: Settings.Log, now: Int64) {
    self.init(rate: settings.hasBudget ? settings.rate : 0, burst: settings.burst, now: now)
  }
}

extension Settings.Log {
  /// Whether our own heartbeats, heard back, get no entries.
  fileprivate var leavesOutOwn: Bool { !own || heartbeats == .no }
  fileprivate var leavesOutOthers: Bool { heartbeats != .yes }
}

extension Settings.LogLevel {
  static func < (left: Settings.LogLevel, right: Settings.LogLevel) -> Bool { left.priority < right.priority }
}
