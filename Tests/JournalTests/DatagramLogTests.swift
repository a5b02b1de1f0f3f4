// SPDX-License-Identifier: Apache-2.0

import Synchronization
import TestSupport
import Testing

@testable import Heartbeat
@testable import Journal
@testable import Monitor
@testable import Platform

struct DatagramLogTests {
  private static let source = IPAddress(family: .ipv4, high: 0, low: 0x0a00_0005)
  private let ledger = SharedLedger()
  private let wakes = Wakes()

  private final class Wakes: Sendable {
    let count = Atomic(0)
  }

  private func make(_ policy: LogPolicy) -> (log: DatagramLog, ends: QueueEnds) {
    let ends = QueueEnds(capacity: policy.queue)
    let log = DatagramLog(
      queue: ends.queue, ledger: ledger, form: .journal,
      group: Endpoint(IPAddress(family: .ipv4, high: 0, low: 0xef01_0101), port: 5001), policy: policy,
      wakeWriter: { [wakes] _ in wakes.count.add(1, ordering: .relaxed) })
    return (log, ends)
  }

  /// As a batch from the socket.
  private func record(
    _ count: Int, in log: inout DatagramLog, now: Int64 = 1, source: IPAddress = source, own: Bool = false,
    isHeartbeat: Bool = false, proof: Proof? = nil, payload: [UInt8] = Array("hello".utf8), size: Int? = nil
  ) {
    log.begin(now: now)
    payload.withUnsafeBytes { bytes in
      for _ in 0..<count {
        let facts = LoggedDatagram(
          payload: bytes, size: size ?? bytes.count, source: Endpoint(source, port: 9), interface: 0,
          isHeartbeat: isHeartbeat || own, proof: proof, receivedNanoseconds: 0)
        log.record(facts, isOwn: own)
      }
    }
    log.end()
  }

  @Test("a batch is in the ledger and in the queue, and the writer is woken once")
  func batch() {
    var (log, ends) = make(.everything)
    record(3, in: &log)
    record(2, in: &log)
    #expect(ledger.snapshot.queued == 5 && ledger.snapshot.addsUp)
    #expect(
      ends.pop().compactMap { JournalEntry($0) }.map { $0["MCAST_PAYLOAD"] }
        == Array(repeating: "hello", count: 5))
    #expect(wakes.count.load(ordering: .relaxed) == 1)
    record(1, in: &log)
    #expect(wakes.count.load(ordering: .relaxed) == 2)
  }

  @Test("a batch of nothing wakes nobody")
  func nothing() {
    var (log, _) = make(.everything)
    record(0, in: &log)
    #expect(wakes.count.load(ordering: .relaxed) == 0)
    #expect(ledger.snapshot == Ledger())
  }

  @Test("what was not for us is counted beside what was received; what was cut is counted as well")
  func beside() {
    var (log, _) = make(.everything)
    log.begin(now: 1)
    log.countForeign()
    log.countForeign()
    log.end()
    record(1, in: &log, size: 70_000)
    #expect(ledger.snapshot.foreign == 2 && ledger.snapshot.truncated == 1 && ledger.snapshot.received == 1)
  }

  @Test("what others' heartbeats prove is in their entries and in the ledger; our own are not counted")
  func proofs() throws {
    var (log, ends) = make(.everything)
    for (count, proof) in [Proof.none, .bad, .replayed, .ok, .signed].enumerated() {
      record(count + 1, in: &log, isHeartbeat: true, proof: proof)
      record(1, in: &log, own: true, proof: proof)
    }
    #expect(ledger.snapshot.unauthenticated == 3 && ledger.snapshot.replayed == 3 && ledger.snapshot.addsUp)
    #expect(ledger.snapshot.received == 20)
    let entries = ends.pop().compactMap { JournalEntry($0) }
    for (count, proof) in [Proof.none, .bad, .replayed, .ok, .signed].enumerated() {
      #expect(entries.count { $0["MCAST_AUTH"] == proof.rawValue } == count + 2)
    }
    record(1, in: &log, isHeartbeat: true)
    let plain = try #require(ends.pop().compactMap { JournalEntry($0) }.first)
    #expect(plain["MCAST_AUTH"] == nil)
  }

  @Test("our own heartbeats are left out where the operator said so, without a word")
  func own() {
    var policy = LogPolicy.everything
    policy.leavesOutOwn = true
    var (log, ends) = make(policy)
    record(4, in: &log, own: true)
    record(1, in: &log)
    #expect(ledger.snapshot.summarised == 4 && ledger.snapshot.queued == 1 && ledger.snapshot.addsUp)
    #expect(ends.pop().count == 1)
    #expect(log.takeSummaries(now: 10_000, isFinal: false).isEmpty)
  }

  @Test(
    "a policy leaves out all or others' heartbeats, never other datagrams, and the ledger adds up",
    arguments: [false, true], [false, true])
  func heartbeats(leavesOutOthers: Bool, leavesOutOwn: Bool) {
    var policy = LogPolicy.everything
    (policy.leavesOutOthers, policy.leavesOutOwn) = (leavesOutOthers, leavesOutOwn)
    var (log, ends) = make(policy)
    record(4, in: &log, own: true, payload: Array("own".utf8))
    record(3, in: &log, isHeartbeat: true, payload: Array("other".utf8))
    record(2, in: &log, payload: Array("datagram".utf8))
    let (own, others) = (leavesOutOwn ? 0 : 4, leavesOutOthers ? 0 : 3)
    let expected = own + others + 2
    #expect(ledger.snapshot.queued == UInt64(expected) && ledger.snapshot.summarised == UInt64(9 - expected))
    #expect(ledger.snapshot.received == 9 && ledger.snapshot.addsUp)
    let payloads = ends.pop().compactMap { JournalEntry($0)?["MCAST_PAYLOAD"] }
    #expect(payloads.count { $0 == "own" } == own)
    #expect(payloads.count { $0 == "other" } == others)
    #expect(payloads.count { $0 == "datagram" } == 2)
    #expect(log.takeSummaries(now: 10_000, isFinal: false).isEmpty)
  }

  @Test(
    "a budget that is exceeded for long is told at once and after 10 s, with what came meanwhile and in all")
  func backsOff() throws {
    var policy = LogPolicy.everything
    (policy.rate, policy.burst) = (1, 1)
    var (log, _) = make(policy)
    var told: [UInt64] = []
    var total: UInt64 = 0
    for second in Int64(1)...30 {
      let now = second * 1_000_000_000
      record(5, in: &log, now: now)
      for summary in log.summaries(now: now) {
        told.append(summary.numbers.count)
        total = summary.numbers.total
      }
    }
    #expect(told.count == 2 && total == told.reduce(0, +))
    for summary in log.summaries(now: 31_000_000_000, isFinal: true) {
      told.append(summary.numbers.count)
    }
    #expect(told.count == 3 && told.reduce(0, +) == ledger.snapshot.summarised)
  }

  @Test(
    "heartbeats that would take more than 1 GB of the journal a day are said to, once; other datagrams not")
  func volume() throws {
    for (isHeartbeat, leavesOut, count) in [(true, false, 1), (false, false, 0), (true, true, 0)] {
      var policy = LogPolicy.everything
      policy.leavesOutOthers = leavesOut
      var (log, ends) = make(policy)
      let start = Clocks.monotonic()
      var told = 0
      for second in Int64(0)...1000 {
        record(20, in: &log, now: second, isHeartbeat: isHeartbeat)
        _ = ends.pop()
        if log.takeExcess(now: start + second * 1_000_000_000) != nil { told += 1 }
      }
      #expect(told == count)
    }
  }

  @Test("datagrams that are less important than what is logged have no entries", arguments: [false, true])
  func level(leavesOutAll: Bool) {
    var policy = LogPolicy.everything
    policy.leavesOutAll = leavesOutAll
    var (log, _) = make(policy)
    record(3, in: &log)
    #expect(ledger.snapshot.queued == (leavesOutAll ? 0 : 3) && ledger.snapshot.addsUp)
    #expect(log.takeSummaries(now: 10_000, isFinal: false).isEmpty)
  }

  @Test("what is over the budget is told once, with count, span and the loudest")
  func budget() throws {
    var policy = LogPolicy.everything
    (policy.rate, policy.burst) = (10, 10)
    var (log, _) = make(policy)
    let others = (1...4).map { IPAddress(family: .ipv4, high: 0, low: 0x0a00_0100 + $0) }
    record(200, in: &log, now: 1_000)
    for (number, other) in others.enumerated() {
      record(20 * (number + 1), in: &log, now: 2_000, source: other)
    }
    let summarised = ledger.snapshot.summarised
    #expect(ledger.snapshot.received == 400 && ledger.snapshot.addsUp && summarised >= 380)
    let summaries = log.summaries(now: 10_000)
    let summary = try #require(summaries.first)
    #expect(summaries.count == 1 && summary.reason == .budget)
    #expect(summary.numbers.count == summarised && summary.numbers.span == 1_000)
    #expect(summary.loudest.map(\.source) == [Self.source, others[3], others[2]])
    #expect(log.takeSummaries(now: 10_000, isFinal: false).isEmpty)
  }

  @Test("a full queue is told as a stall, once it is half empty again, and only once")
  func stall() throws {
    var policy = LogPolicy.everything
    policy.queue = 65_536
    var (log, ends) = make(policy)
    record(500, in: &log, now: 1_000)
    record(500, in: &log, now: 5_000)
    let counts = ledger.snapshot
    #expect(counts.received == 1000 && counts.addsUp && counts.summarised > 0 && counts.queued > 0)
    #expect(log.takeSummaries(now: 10_000, isFinal: false).isEmpty)
    let entries = ends.pop()
    #expect(UInt64(entries.count) == counts.queued)
    let summary = try #require(log.summaries(now: 10_000).first)
    #expect(summary.reason == .stall && summary.numbers.count == counts.summarised)
    #expect((1...4_000).contains(summary.numbers.span))
    #expect(summary.loudest.count == 1 && summary.loudest[0].count == counts.summarised)
    #expect(log.takeSummaries(now: 10_000, isFinal: false).isEmpty)
  }

  @Test("settings that come later hold for what comes later")
  func apply() throws {
    var policy = LogPolicy.everything
    var (log, ends) = make(policy)
    record(1, in: &log)
    (policy.leavesOutOwn, policy.leavesOutOthers) = (true, true)
    (policy.rate, policy.burst) = (1, 2)
    log.apply(policy, group: Endpoint(IPAddress(family: .ipv4, high: 0, low: 0xef01_0102), port: 5002))
    record(1, in: &log, own: true)
    record(1, in: &log, isHeartbeat: true)
    record(10, in: &log)
    #expect((2...3).contains(ledger.snapshot.queued) && ledger.snapshot.addsUp)
    let entries = ends.pop().compactMap { JournalEntry($0) }
    #expect(entries.first?["MCAST_GROUP"] == "239.1.1.1" && entries.last?["MCAST_GROUP"] == "239.1.1.2")
    #expect(entries.last?["MCAST_PORT"] == "5002")
  }
}
