// SPDX-License-Identifier: Apache-2.0

import Liveness
import Monitor
import Platform

/// Which datagrams get entries of their own.
package struct LogPolicy: Equatable, Sendable {
  /// Entries a second; 0 for no limit.
  package var rate: Int
  /// Entries at once, where there is a limit.
  package var burst: Int
  /// Bytes of entries that may wait for journald.
  package var queue: Int
  /// No datagram gets an entry: log.level is above their priority, info.
  package var leavesOutAll: Bool
  /// Our own heartbeats, looped back, get no entries.
  package var leavesOutOwn: Bool
  /// Heartbeats of others get no entries.
  package var leavesOutOthers: Bool

  package init(
    rate: Int, burst: Int, queue: Int, leavesOutAll: Bool, leavesOutOwn: Bool, leavesOutOthers: Bool
  ) {
    self.rate = rate
    self.burst = burst
    self.queue = queue
    self.leavesOutAll = leavesOutAll
    self.leavesOutOwn = leavesOutOwn
    self.leavesOutOthers = leavesOutOthers
  }
}

/// Records received datagrams: applies policy and rate limit, and puts entries into the journal's queue.
///
/// Part of the receive loop: never blocks, and allocates nothing for a datagram. What the queue has no room
/// for is counted as summarised.
package struct DatagramLog {
  private let queue: EntryQueue
  private let ledger: SharedLedger
  private let wakeWriter: @Sendable (_ entries: Int) -> Void
  private let form: DatagramEntry.Form
  private var entry: DatagramEntry
  private var policy: LogPolicy
  private var limiter: LogRateLimiter
  /// Begun with its first entry: in a quiet log most have none.
  private var batch: EntryQueue.Batch?
  private var counts = Ledger.Batch()
  private var volume: JournalVolume
  private var overBudget = Suppressed(.budget)
  private var stalled = Suppressed(.stall)
  /// Time of the batch being recorded, in monotonic ns.
  private var now: Int64

  private let secret: LogRateLimiter.Secret

  /// - Parameters:
  ///   - secret: of the rate limiter.
  ///   - now: monotonic nanoseconds.
  ///   - wakeWriter: called after a batch was queued while the queue was empty.
  package init(
    queue: EntryQueue, ledger: SharedLedger, form: DatagramEntry.Form, group: Endpoint, policy: LogPolicy,
    secret: LogRateLimiter.Secret = .random(), now: Int64 = Clocks.monotonic(),
    wakeWriter: @escaping @Sendable (_ entries: Int) -> Void
  ) {
    self.queue = queue
    self.ledger = ledger
    self.form = form
    self.wakeWriter = wakeWriter
    self.policy = policy
    self.secret = secret
    self.now = now
    entry = DatagramEntry(form: form, group: group)
    limiter = LogRateLimiter(rate: policy.rate, burst: policy.burst, secret: secret, now: now)
    volume = JournalVolume(now: now)
  }

  /// Applies a new policy and group. Where the rate limit changes, its bucket starts full.
  ///
  /// - Parameter now: monotonic nanoseconds.
  package mutating func apply(_ policy: LogPolicy, group: Endpoint, now: Int64 = Clocks.monotonic()) {
    let names = entry.interfaceNames
    entry = DatagramEntry(form: form, group: group)
    entry.interfaceNames = names
    if policy.rate != self.policy.rate || policy.burst != self.policy.burst {
      limiter = LogRateLimiter(rate: policy.rate, burst: policy.burst, secret: secret, now: now)
    }
    if policy.queue != self.policy.queue { queue.resize(to: policy.queue) }
    if policy != self.policy { volume.restart(now: now) }
    self.policy = policy
  }

  /// The names that `LoggedDatagram.interface` refers to.
  package mutating func setInterfaceNames(_ names: InterfaceNames) { entry.interfaceNames = names.bytes }

  // MARK: A batch

  /// - Parameter now: monotonic nanoseconds.
  package mutating func begin(now: Int64) {
    self.now = now
    counts = Ledger.Batch()
  }

  /// Counts a datagram for another group or interface.
  package mutating func countForeign() { counts.foreign += 1 }

  /// - Parameter isOwn: whether it is our own heartbeat, looped back.
  package mutating func record(_ facts: LoggedDatagram, isOwn: Bool) {
    if facts.size > facts.payload.count { counts.truncated += 1 }
    if let proof = facts.proof, !isOwn {
      switch proof {
      case .ok, .signed: break
      case .none, .bad: counts.unauthenticated += 1
      case .replayed: counts.replayed += 1
      }
    }
    // Left out by configuration, so there is nothing to warn of.
    let isUnwanted = facts.isHeartbeat && (isOwn ? policy.leavesOutOwn : policy.leavesOutOthers)
    if isUnwanted || policy.leavesOutAll {
      counts.summarised += 1
      return
    }
    guard limiter.admit(facts.source.address, now: now) else {
      counts.summarised += 1
      overBudget.add(facts.source.address, now: now)
      return
    }
    let limit = facts.payload.count + DatagramEntry.overhead
    if batch == nil { batch = queue.begin() }
    if batch?.append(upTo: limit, { entry.write(facts, into: $0) }) == true {
      counts.queued += 1
      if facts.isHeartbeat { volume.add(payload: facts.payload.count) }
    } else {
      counts.summarised += 1
      stalled.add(facts.source.address, now: now)
    }
  }

  /// Adds the batch to the ledger, then publishes it to the writer: in this order no entry is logged before
  /// it was received.
  package mutating func end() {
    let counts = counts
    ledger.update { $0.receive(counts) }
    guard let batch = batch.take(), batch.entries > 0 else { return }
    if queue.publish(batch) { wakeWriter(batch.entries) }
  }

  // MARK: Summaries

  /// A stall is reported while it lasts only after this time, in ns.
  private static let longStall: Int64 = 60_000_000_000

  /// The warnings about suppressed datagrams that are due (`SummaryPace`). To be called once a second.
  ///
  /// A stall is reported when the queue is half empty again, so that it is reported once, or after
  /// `longStall`.
  ///
  /// - Parameters:
  ///   - now: monotonic nanoseconds.
  ///   - isFinal: whether there will be no other call.
  package mutating func takeSummaries(now: Int64, isFinal: Bool) -> [JournalEvent] {
    // A log that gets no entries any more begins no batch, which would do it.
    queue.tidy()
    var summaries: [JournalEvent] = []
    if let summary = overBudget.take(now: now, isFinal: isFinal) { summaries.append(summary) }
    let isOver = queue.used <= policy.queue / 2 || stalled.age(now) > Self.longStall
    if isFinal || isOver, let summary = stalled.take(now: now, isFinal: isFinal) { summaries.append(summary) }
    return summaries
  }

  /// `JournalVolume.takeExcess`; nil where entries are lines for a console.
  package mutating func takeExcess(now: Int64) -> JournalEvent? {
    form == .journal ? volume.takeExcess(now: now) : nil
  }
}
