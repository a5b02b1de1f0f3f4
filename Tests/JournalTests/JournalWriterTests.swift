// SPDX-License-Identifier: Apache-2.0

import Glibc
import TestSupport
import Testing

@testable import Journal
@testable import Platform

/// The log and the writer with a real datagram socket for a journal.
struct JournalWriterTests {
  private static let group = Endpoint(IPAddress(family: .ipv4, high: 0, low: 0xef01_0101), port: 5001)
  private let journal: JournalEnd
  private let ledger = SharedLedger()

  init() throws { journal = try JournalEnd() }

  private func make(_ policy: LogPolicy) throws -> (log: DatagramLog, writer: JournalWriter) {
    let queue = EntryQueue(capacity: policy.queue)
    let writer = JournalWriter(
      entries: queue, ledger: ledger, destination: .journal(try JournalSocket(path: journal.path)))
    let log = DatagramLog(
      queue: queue, ledger: ledger, form: .journal, group: Self.group, policy: policy,
      wakeWriter: { _ in writer.wake() })
    return (log, writer)
  }

  /// Numbered datagrams in batches of up to 64, as they come from the socket.
  private func record(_ numbers: Range<Int>, in log: inout DatagramLog, size: Int = 0) {
    for start in stride(from: numbers.lowerBound, to: numbers.upperBound, by: 64) {
      log.begin(now: Clocks.monotonic())
      for number in start..<min(start + 64, numbers.upperBound) {
        let text = Array("\(number)".utf8)
        (text + [UInt8](repeating: 0x20, count: max(0, size - text.count))).withUnsafeBytes {
          let facts = LoggedDatagram(
            payload: $0, size: $0.count, source: Endpoint(Self.group.address, port: 9), interface: 0,
            isHeartbeat: false, receivedNanoseconds: 0)
          log.record(facts, isOwn: false)
        }
      }
      log.end()
    }
  }

  private func number(of entry: JournalEntry?) -> Int? {
    entry?["MCAST_PAYLOAD"].flatMap { Int($0.prefix { $0 != " " }) }
  }

  @Test("everything that is received is in the journal, in order")
  func everything() async throws {
    var (log, writer) = try make(.everything)
    async let entries = journal.readAll { $0["MCAST_PAYLOAD"] == "4999" }
    record(0..<5000, in: &log)
    #expect(await entries.map(number) == Array(0..<5000))
    #expect(await writer.finish(within: .seconds(10)) == 0)
    #expect(ledger.snapshot.logged == 5000 && ledger.snapshot.queued == 0 && ledger.snapshot.addsUp)
  }

  @Test("datagrams of full size are in the journal whole")
  func large() async throws {
    var (log, writer) = try make(.everything)
    async let entries = journal.readAll { $0["MCAST_PAYLOAD"]?.hasPrefix("19 ") == true }
    record(0..<20, in: &log, size: 65_507)
    #expect(await entries.map { $0.fields["MCAST_PAYLOAD"]?.count } == Array(repeating: 65_507, count: 20))
    #expect(await writer.finish(within: .seconds(10)) == 0)
    #expect(ledger.snapshot.logged == 20)
  }

  @Test("a journal that does not read holds up nobody; what the queue cannot hold is counted and told once")
  func stall() async throws {
    var policy = LogPolicy.everything
    policy.queue = 65_536
    var (log, writer) = try make(policy)
    record(0..<5000, in: &log)
    let stalled = ledger.snapshot
    #expect(stalled.received == 5000 && stalled.addsUp)
    #expect(stalled.summarised > 1000 && stalled.queued > 0)
    #expect(log.takeSummaries(now: 1, isFinal: false).isEmpty)

    async let entries = journal.readAll { $0["MESSAGE"] == "end" }
    #expect(await writer.finish(within: .seconds(10)) == 0)
    let summaries = log.summaries(now: 1)
    #expect(summaries.count == 1 && summaries.first?.reason == .stall)
    #expect(summaries.first?.numbers.count == ledger.snapshot.summarised)
    #expect(log.takeSummaries(now: 1, isFinal: false).isEmpty)
    writer.record(LogRecord(.notice, "end"))
    let numbers = await entries.compactMap(number)
    #expect(numbers == numbers.sorted() && UInt64(numbers.count) == ledger.snapshot.logged)
    #expect(ledger.snapshot.logged + ledger.snapshot.summarised == 5000 && ledger.snapshot.queued == 0)
  }

  @Test("what does not reach the journal in time is given up, and counted as summarised")
  func finish() async throws {
    var (log, writer) = try make(.everything)
    record(0..<3000, in: &log)
    let given = await writer.finish(within: .milliseconds(20))
    let counts = ledger.snapshot
    #expect(given > 0 && counts.queued == 0 && counts.addsUp)
    #expect(counts.summarised == UInt64(given) && counts.received == 3000)
    let taken = journal.waiting()
    #expect(taken.map(number) == Array(0..<Int(counts.logged)))
  }

  @Test("without a journal nothing is lost: it waits for one")
  func absent() async throws {
    var (log, writer) = try make(.everything)
    let away = journal.path + ".away"
    try #require(rename(journal.path, away) == 0)
    record(0..<100, in: &log)
    #expect(ledger.snapshot.logged == 0 && ledger.snapshot.queued == 100)
    try #require(rename(away, journal.path) == 0)
    async let entries = journal.readAll { $0["MCAST_PAYLOAD"] == "99" }
    #expect(await entries.compactMap(number) == Array(0..<100))
    #expect(await writer.finish(within: .seconds(10)) == 0)
    #expect(ledger.snapshot.logged == 100)
  }

  @Test("why journald could not be reached is in the journal once it can be")
  func absence() throws {
    let messages = MessageQueue()
    var drain = JournalDrain(
      entries: EntryQueue(capacity: 65_536), messages: messages, ledger: ledger,
      destination: .journal(try JournalSocket(path: journal.path)))
    let away = journal.path + ".away"
    try #require(rename(journal.path, away) == 0)
    messages.append(LogRecord(.notice, "first"))
    var attempts = [drain.write(), drain.write()]
    try #require(rename(away, journal.path) == 0)
    attempts.append(drain.write())
    #expect(attempts == [false, false, true])
    let entries = journal.waiting().compactMap(\.self)
    #expect(entries.map { $0["PRIORITY"] } == ["5", "4"])
    #expect(entries.last?["MESSAGE"]?.hasSuffix(errnoText(ENOENT)) == true)
  }

  @Test("the daemon's own messages wait as well, and those beyond a thousand are counted")
  func messages() async throws {
    var (log, writer) = try make(.everything)
    record(0..<3000, in: &log)
    for number in 0..<3000 { writer.record(LogRecord(.warning, "message \(number)")) }
    async let entries = journal.readAll { $0["MCAST_PAYLOAD"] == "2999" }
    #expect(await writer.finish(within: .seconds(20)) == 0)
    let own = await entries.compactMap { $0["MCAST_KIND"] == nil ? $0["MESSAGE"] : nil }
    let kept = own.count - 1
    #expect(Array(own.dropLast()) == (0..<kept).map { "message \($0)" })
    #expect((1000..<3000).contains(kept))
    #expect(own.last == "\(3000 - kept) messages of mcastd were lost while the journal was stalled")
    #expect(ledger.snapshot.logged == 3000)
  }
}
