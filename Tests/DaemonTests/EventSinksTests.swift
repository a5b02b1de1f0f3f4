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
@testable import Platform

struct EventSinksTests {
  private static let second: Int64 = 1_000_000_000
  private let group = Endpoint(IPAddress(family: .ipv4, high: 0, low: 0xef01_0101), port: 5001)
  private let heard = IPAddress(family: .ipv4, high: 0, low: 0x0a00_0001)
  private let never = IPAddress(family: .ipv4, high: 0, low: 0x0a00_0009)

  /// Entries about peers, each with whether the file of a silent peer was there.
  private final class Entries: Sendable {
    private let entries = Mutex<[String: Bool]>([:])
    var all: [String: Bool] { entries.withLock { $0 } }

    func log(_ runtime: String) -> EventLog {
      EventLog(level: .info) { record in
        guard record.kind == .peerSilent, let peer = record.field("MCAST_PEER") else { return }
        let isThere = access("\(runtime)/peers/silent/\(peer)", F_OK) == 0
        self.entries.withLock { $0[peer] = isThere }
      }
    }
  }

  @Test("whoever reads that a peer is silent finds its file, also that of one that was never heard")
  func fileFirst() throws {
    let runtime = try TemporaryDirectory()
    let entries = Entries()
    var configuration = Monitor.Configuration.of(group)
    configuration.expected = [.address(never)]
    var monitor = Monitor(configuration, realtime: 0, at: 0, isGapless: false)
    _ = monitor.number(of: "eth0")
    _ = monitor.handle(.joined(.init(interfaces: [0], withoutCarrier: [], awaited: nil)), at: 0)
    var sinks = EventSinks(
      folders: PeerDirectory(runtime: runtime.path), status: StatusSink(),
      events: EventReporter(journal: entries.log(runtime.path), stream: EventStream()))
    sinks.begin(monitor)
    for time in 1...40 as ClosedRange<Int64> {
      let now = time * Self.second
      _ = monitor.handle(.reading(realtime: now), at: now)
      if time <= 20 {
        let datagram = Monitor.Datagram(
          outline: Heartbeat.Outline(stamp: Heartbeat.Stamp(time: CivilTime(realtime: now, zone: .utc))),
          source: Endpoint(heard, port: 1), interface: 0, received: now, origin: .peer)
        _ = monitor.handle(.datagram(datagram), at: now)
      }
      _ = monitor.handle(.read(.init(count: 1, isLast: true, stamp: now)), at: now)
      for case .tell(let event) in monitor.handle(.tick(zoneOffset: 0), at: now) {
        sinks.take(event, monitor, now: now)
      }
      sinks.finish(monitor, isTick: false, now: now)
    }
    #expect(entries.all == ["10.0.0.1": true, "10.0.0.9": true])
  }

  @Test("a reload changes the files of expected peers at once, also where nothing is received")
  func reload() async throws {
    let runtime = try TemporaryDirectory()
    let (ledger, sent) = (SharedLedger(), SentTimes())
    var configuration = Monitor.Configuration.of(group)
    configuration.expected = [.address(never)]
    let log = DatagramLog(
      queue: EntryQueue(capacity: 65_536), ledger: ledger, form: .journal, group: group,
      policy: LogPolicy(.everything), wakeWriter: { _ in })
    let pipeline = ReceivePipeline(
      log: log, monitor: Monitor(configuration, realtime: 0, at: 0, isGapless: false), sent: sent,
      places: SendingPlaces(), previous: nil)
    let running = try RunningLoop()
    let subscriber = Subscriber(
      on: running.loop, ledger: ledger, sent: sent, pipeline: pipeline, events: RecordedEvents().reporter,
      zone: .utc, directory: runtime.path)
    func names() throws -> [String] { try DirectoryNames.read("\(runtime.path)/peers/unknown") }
    #expect(try names() == ["10.0.0.9"])
    await subscriber.apply(try .with([.peersExpected: "10.0.0.1"]))
    #expect(try names() == ["10.0.0.1"])
    await subscriber.apply(try .with())
    #expect(try names().isEmpty)
  }
}
