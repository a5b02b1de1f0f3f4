// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization
import TestSupport
import Testing

@testable import Daemon
@testable import Heartbeat
@testable import Journal
@testable import Liveness
@testable import Monitor
@testable import Multicast
@testable import Platform
@testable import Settings

/// Publisher and subscriber together, with the kernel between them and a socket for a journal.
struct LoopbackTests {
  private let group: Endpoint
  private let lo: NetworkInterface
  private let journal: JournalEnd
  private let running: RunningLoop
  private let events = RecordedEvents()
  private let ledger = SharedLedger()
  private let sent = SentTimes()
  private let places = SendingPlaces()

  init() throws {
    group = try .ownGroup()
    lo = try .loopback()
    journal = try JournalEnd()
    running = try RunningLoop()
  }

  /// With a writer to the journal, and no socket yet.
  private func unopened(
    _ settings: Settings.Log, directory: String? = nil, kept: PeerCheckpoint? = nil
  ) throws -> (Subscriber, JournalWriter) {
    let queue = EntryQueue(capacity: settings.queue)
    let writer = JournalWriter(
      entries: queue, ledger: ledger, destination: .journal(try JournalSocket(path: journal.path)))
    let log = DatagramLog(
      queue: queue, ledger: ledger, form: .journal, group: group, policy: LogPolicy(settings),
      wakeWriter: { _ in writer.wake() })
    let monitor = Monitor(
      .of(group), restoring: kept, realtime: Clocks.realtime(), at: Clocks.monotonic(), isGapless: false)
    let pipeline = ReceivePipeline(
      log: log, monitor: monitor, sent: sent, places: places, previous: kept?.senders)
    let subscriber = Subscriber(
      on: running.loop, ledger: ledger, sent: sent, pipeline: pipeline, events: events.reporter, zone: .utc,
      directory: directory)
    return (subscriber, writer)
  }

  private func subscriber(_ settings: Settings.Log) async throws -> (Subscriber, JournalWriter) {
    let (subscriber, writer) = try unopened(settings)
    await subscriber.use(
      GroupSubscription(try MulticastReceiver(group: group, receiveBuffer: 1 << 20), sources: []))
    #expect(try await follow(subscriber) == [.began(lo)])
    return (subscriber, writer)
  }

  /// Joins on lo.
  private func follow(_ subscriber: Subscriber) async throws -> [InterfaceChange] {
    let plan = try InterfacePlan.receiving(group.address, on: .listed([.name(lo.name)]))
    return await subscriber.follow(plan, expectsOwn: true).changes
  }

  private func publisher(_ group: Endpoint, interval: Duration = .milliseconds(10)) async -> Publisher {
    let plan = Publisher.Plan(
      group: group, interval: interval, options: .init(ttl: 1, loopback: true), zone: .utc, saysGoodbye: false
    )
    let publisher = Publisher(
      on: running.loop, plan: plan, ledger: ledger, sent: sent, places: places, events: events.reporter,
      directory: nil)
    #expect(await publisher.follow([lo]).changes == [.began(lo)])
    return publisher
  }

  /// Sends a datagram from a foreign socket; datagrams are read in the order of sending.
  private func send(_ text: String) throws {
    let sender = try MulticastSender(group: group, interface: lo, options: .init(ttl: 1, loopback: true))
    #expect(sender.send(Array(text.utf8)) == nil)
  }

  @Test("every sent beat is received and in the journal, on an absolute schedule")
  func beats() async throws {
    let (subscriber, writer) = try await subscriber(.everything)
    let publisher = await publisher(group)
    async let arriving = journal.readAll { [seen = Counter()] _ in seen.next() == 20 }
    await publisher.start()
    let entries = await arriving
    await publisher.stop()
    try send("end")
    var last: JournalEntry?
    repeat { last = journal.next() } while last != nil && last?["MCAST_PAYLOAD"] != "end"

    #expect(entries.count == 20)
    for entry in entries {
      #expect(entry["MCAST_KIND"] == "heartbeat" && entry["MCAST_INTERFACE"] == "lo")
      #expect(entry["MCAST_SOURCE"] == "127.0.0.1" && entry["MCAST_GROUP"] == "\(group.address)")
      #expect(Heartbeat(entry.fields["MCAST_PAYLOAD"] ?? []) != nil)
    }
    let times = entries.compactMap { $0["MCAST_RECEIVED_USEC"].flatMap { Int($0) } }
    // On a busy machine beats are left out, never added: 19 intervals take 190 ms or more.
    #expect(times == times.sorted() && (times.last ?? 0) - (times.first ?? 0) > 180_000)
    #expect(last?["MCAST_KIND"] == "datagram")
    await subscriber.tick()
    #expect(ledger.snapshot.kernelDropped == 0)
    #expect(await writer.finish(within: .seconds(5)) == 0)
    await subscriber.close()
    let ledger = self.ledger.snapshot
    #expect(ledger.sent >= 20 && ledger.sendFailed == 0)
    #expect(ledger.received == ledger.sent + 1 && ledger.logged == ledger.received && ledger.foreign == 0)
    #expect(events.all.isEmpty)
  }

  @Test("own beats are recognised: with log.own=no only others have entries, and the ledger adds up")
  func own() async throws {
    var settings = Settings.Log.everything
    settings.own = false
    let (subscriber, writer) = try await subscriber(settings)
    let publisher = await publisher(group)
    let heard = try MulticastReceiver(group: group, receiveBuffer: 1 << 20)
    try heard.join(interfaceIndex: lo.index)
    await publisher.start()
    var beats = 0
    while beats < 20 {
      var ready = pollfd(fd: heard.descriptor, events: Int16(POLLIN), revents: 0)
      try #require(poll(&ready, 1, 20_000) == 1)
      beats += try heard.receive { _ in }
    }
    await publisher.stop()
    // The same text from another socket is not our own.
    try send("ATU 2026-11-22 07:25:09.195112")
    let entry = try #require(journal.next())
    #expect(entry["MCAST_PAYLOAD"] == "ATU 2026-11-22 07:25:09.195112" && entry["MCAST_KIND"] == "heartbeat")
    #expect(await writer.finish(within: .seconds(5)) == 0)
    #expect(journal.waiting().isEmpty)
    let ledger = self.ledger.snapshot
    #expect(ledger.addsUp && ledger.sent >= 20)
    #expect(ledger.summarised == ledger.sent && ledger.logged == 1 && ledger.queued == 0)
    // It was asked for: nothing to warn of.
    await subscriber.tick()
    #expect(events.all.isEmpty)
    await subscriber.close()
  }

  @Test("entries above the rate limit are reported in one warning, with the fields that the catalog explains")
  func summary() async throws {
    var settings = Settings.Log.everything
    (settings.rate, settings.burst) = (1, 4)
    let (subscriber, writer) = try await subscriber(settings)
    let sender = try MulticastSender(group: group, interface: lo, options: .init(ttl: 1, loopback: true))
    for _ in 0..<100 { _ = sender.send(Array("x".utf8)) }
    await subscriber.tick()
    #expect(await writer.finish(within: .seconds(5)) == 0)
    let ledger = self.ledger.snapshot
    #expect(ledger.received == 100 && ledger.addsUp && ledger.summarised >= 95)
    let told = try #require(events.of(.summarised).first)
    #expect(told.priority == .warning)
    #expect(told.field("MCAST_SUMMARISED") == "\(ledger.summarised)")
    #expect(told.field("MCAST_LOUDEST") == "127.0.0.1 (\(ledger.summarised))")
    for name in try SourceTree.catalogFields(MessageKind.summarised.messageID) {
      #expect(told.field(name) != nil, "\(name)")
    }
    await subscriber.tick()
    #expect(events.all.count == 1)
    await subscriber.close()
  }

  @Test(
    "kernel drops are counted once, from the baseline, and reported with the fields that the catalog explains"
  )
  func drops() async throws {
    let receiver = try MulticastReceiver(group: group, receiveBuffer: 4096)
    try receiver.join(interfaceIndex: lo.index)
    for number in 0..<200 { try send("\(number)") }
    let dropped = receiver.kernelDrops
    try #require(dropped > 100)
    let directory = try TemporaryDirectory()
    let (subscriber, _) = try unopened(.everything, directory: directory.path)
    let heir = try #require(try MulticastReceiver(adopting: dup(receiver.descriptor), group: group))
    let cookie = heir.cookie
    var before = DropCounter(of: heir, directory: directory.path)
    _ = before.update(100)
    try before.write()
    await subscriber.use(GroupSubscription(heir, sources: [], isAdopted: true))
    #expect(try await follow(subscriber) == [.began(lo)])
    await subscriber.tick()
    #expect(try SourceTree.text("\(directory.path)/receiver-drops") == "\(cookie) \(dropped)\n")
    #expect(ledger.snapshot.kernelDropped == UInt64(dropped) - 100)
    await subscriber.tick()
    let entry = try #require(events.of(.kernelDrops).first)
    #expect(events.of(.kernelDrops).count == 1 && entry.field("MCAST_DROPPED") == "\(dropped - 100)")
    for name in try SourceTree.catalogFields(MessageKind.kernelDrops.messageID) {
      #expect(entry.field(name) != nil, "\(name)")
    }
    await subscriber.close()
  }

  @Test("a datagram on an interface without a membership is foreign")
  func foreign() async throws {
    let (subscriber, _) = try unopened(.everything)
    // Joined by the socket, but not among the interfaces that the daemon wants.
    let receiver = try MulticastReceiver(group: group, receiveBuffer: 1 << 20)
    try receiver.join(interfaceIndex: lo.index)
    // Queued in the socket before the plan is known, as over a restart.
    try send("foreign")
    await subscriber.use(GroupSubscription(receiver, sources: []))
    #expect(await subscriber.follow(InterfacePlan(), expectsOwn: false).changes.isEmpty)
    await subscriber.tick()
    #expect(ledger.snapshot.foreign == 1 && ledger.snapshot.received == 0)
    await subscriber.close()
  }

  @Test(
    "queued beats of the previous process are our own; beats of a later owner of its port are not",
    arguments: [true, false])
  func previousBeats(isOurs: Bool) async throws {
    let former = try MulticastSender(group: group, interface: lo, options: .init(ttl: 1, loopback: true))
    let beats = ["ATU 2026-11-22 07:25:09.000000", "ATU 2026-11-22 07:25:10.000000"]
    let sentBefore = ["ATU 2026-11-22 07:25:08.000000"] + (isOurs ? beats : [])
    let times = sentBefore.compactMap { Heartbeat(Array($0.utf8))?.time.microsecondsSinceEpochAsUTC }
    var names = InterfaceNames()
    let sender = OwnSender(
      interface: names.number(of: "lo"), source: Endpoint(former.source, port: former.sourcePort))
    let kept = PeerCheckpoint(
      group: "\(group)", snapshots: [:], names: names,
      senders: SenderCheckpoint(senders: [sender], times: times, isComplete: true), isComplete: true)
    var settings = Settings.Log.everything
    settings.own = false
    let (subscriber, _) = try unopened(settings, kept: kept)
    let receiver = try MulticastReceiver(group: group, receiveBuffer: 1 << 20)
    try receiver.join(interfaceIndex: lo.index)
    for beat in beats + ["not a heartbeat"] {
      #expect(former.send(Array(beat.utf8)) == nil)
    }
    await subscriber.use(GroupSubscription(receiver, sources: [], isAdopted: true))
    #expect(try await follow(subscriber) == [.began(lo)])
    await subscriber.tick()
    #expect(ledger.snapshot.received == 3 && ledger.snapshot.addsUp)
    #expect(ledger.snapshot.summarised == (isOurs ? 2 : 0))
    #expect(subscriber.status.summary.counts.total == 0)
    // The socket was emptied: later datagrams from that port are not ours, even with a timestamp that was.
    #expect(former.send(Array(beats[0].utf8)) == nil)
    await subscriber.tick()
    #expect(ledger.snapshot.received == 4 && ledger.snapshot.summarised == (isOurs ? 2 : 0))
    await subscriber.close()
  }

  @Test("interfaces under ever new names free their numbers, but not those that heartbeats leave from")
  func interfaceNames() throws {
    let log = DatagramLog(
      queue: EntryQueue(capacity: 65_536), ledger: ledger, form: .journal, group: group,
      policy: LogPolicy(.everything), wakeWriter: { _ in })
    let start = Clocks.monotonic()
    let monitor = Monitor(.of(group), realtime: Clocks.realtime(), at: start, isGapless: false)
    var pipeline = ReceivePipeline(log: log, monitor: monitor, sent: sent, places: places, previous: nil)
    for number: UInt32 in 0..<200 {
      if number == 5 { places.set([SendingPlace(interface: "eth9", source: group)]) }
      let veth = NetworkInterface(index: 2 + number, name: "veth\(number)", flags: 0, addresses: [])
      _ = pipeline.listen(
        on: [lo, veth], withoutCarrier: [], awaited: [lo.name, veth.name], expectsOwn: false, keeping: [],
        now: start + Int64(number) * 61_000_000_000)
    }
    let names = pipeline.monitor.liveness.names
    #expect(names.count < 10)
    #expect(pipeline.members.number(of: lo.index).map(names.name) == lo.name)
    #expect(pipeline.members.number(of: 201).map(names.name) == "veth199")
    #expect(pipeline.senders.interfaces.map(names.name) == ["eth9"])
  }

  @Test("a publisher that changes its group sends there, on the same interface")
  func regroup() async throws {
    let (subscriber, writer) = try await subscriber(.everything)
    let elsewhere = try Endpoint.ownGroup()
    let publisher = await publisher(elsewhere, interval: .seconds(3600))
    await publisher.start()
    #expect(ledger.snapshot.sent == 1)
    await publisher.retarget(group, .init(ttl: 1, loopback: true))
    await publisher.reschedule(.milliseconds(10))
    #expect(journal.next()?["MCAST_KIND"] == "heartbeat")
    #expect(await publisher.lateness < 5_000_000_000)
    await publisher.stop()
    #expect(await publisher.lateness == 0)
    await subscriber.close()
    // Nobody reads the journal any more.
    _ = await writer.finish(within: .milliseconds(20))
    #expect(ledger.snapshot.addsUp && ledger.snapshot.queued == 0)
  }
}

/// Counts from 1.
private final class Counter: Sendable {
  private let value = Atomic(0)

  func next() -> Int { value.add(1, ordering: .relaxed).newValue }
}

extension Ledger {
  fileprivate var addsUp: Bool { received == logged + summarised + queued }
}
