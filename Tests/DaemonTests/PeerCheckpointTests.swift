// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc
import TestSupport
import Testing

@testable import Daemon
@testable import Heartbeat
@testable import Journal
@testable import Liveness
@testable import Monitor
@testable import Multicast
@testable import Platform
@testable import Rules

struct PeerCheckpointTests {
  private let group = Endpoint(IPAddress(family: .ipv4, high: 0, low: 0xef01_0101), port: 5001)

  private func kept(namespace: UInt64?) -> PeerCheckpoint {
    PeerCheckpoint(
      group: "\(group)", namespace: namespace, snapshots: [:], names: InterfaceNames(), isComplete: true)
  }

  @Test("peers of another network namespace are not restored; those of a file without a namespace are")
  func namespaces() throws {
    let directory = try TemporaryDirectory()
    func read(_ namespace: UInt64?) -> PeerCheckpoint? {
      PeerCheckpoint.read(directory: directory.path, group: group, namespace: namespace)
    }
    try kept(namespace: 7).write(directory: directory.path)
    #expect(read(7) != nil)
    #expect(read(8) == nil && read(nil) == nil)
    try kept(namespace: nil).write(directory: directory.path)
    #expect(read(7) != nil && read(nil) != nil)
  }

  @Test("what is known of rules is read back")
  func rules() throws {
    let directory = try TemporaryDirectory()
    var kept = kept(namespace: 7)
    kept.rules = ["fans-off": RuleMachine.Stored(state: "active", since: 5, flips: [2, 5])]
    try kept.write(directory: directory.path)
    let read = try #require(PeerCheckpoint.read(directory: directory.path, group: group, namespace: 7))
    #expect(read.rules == kept.rules)
  }

  @Test("peers are read back as written, and a malformed line affects no other")
  func lines() throws {
    let directory = try TemporaryDirectory()
    let peers = Self.peers(second: 3, count: 3000)
    try PeerCheckpoint(
      group: "\(group)", snapshots: peers.snapshots(at: 3_000_000_000), names: peers.names, isComplete: true
    ).write(directory: directory.path)
    func restored() throws -> PeerInterfaces {
      let kept = try #require(PeerCheckpoint.read(directory: directory.path, group: group))
      return PeerInterfaces(
        restoring: kept.snapshots, names: kept.names, capacity: 5000, at: 4_000_000_000, isGapless: true)
    }
    #expect(try restored().counts == peers.counts)
    // In the middle of any line.
    let path = directory.path + "/peers.json"
    let file = try #require(fopen(path, "r+"))
    fseek(file, 500_000, SEEK_SET)
    fwrite(String(repeating: "}", count: 40), 1, 40, file)
    fclose(file)
    let counts = try restored().counts
    #expect(2998...2999 ~= counts.total)
    #expect(truncate(path, 600_000) == 0)
    #expect(try restored().counts.total > 1000)
  }

  @Test("after an upgrade from a version that wrote peers as JSON, a line each, they are read")
  func jsonLines() throws {
    struct Line: Encodable {
      var interface: Int
      var entry: PeerSnapshot<PeerID>.Entry
    }
    let directory = try TemporaryDirectory()
    let peers = Self.peers(second: 3, count: 10)
    var head = PeerCheckpoint(
      group: "\(group)", snapshots: peers.snapshots(at: 3_000_000_000), names: peers.names, isComplete: true)
    let entries = try #require(head.snapshots[0]?.entries)
    head.snapshots[0]?.entries = []
    let encoder = JSONEncoder()
    var bytes = Array(try encoder.encode(head))
    for entry in entries {
      bytes.append(UInt8(ascii: "\n"))
      bytes += try encoder.encode(Line(interface: 0, entry: entry))
    }
    let file = try #require(fopen(directory.path + "/peers.json", "w"))
    fwrite(bytes, 1, bytes.count, file)
    fclose(file)
    let kept = try #require(PeerCheckpoint.read(directory: directory.path, group: group))
    #expect(kept.snapshots[0]?.count == 10)
    let restored = PeerInterfaces(
      restoring: kept.snapshots, names: kept.names, capacity: 5000, at: 4_000_000_000, isGapless: true)
    #expect(restored.counts == peers.counts && restored.counts.total == 10)
  }

  /// Peers on eth0, from 10.0.0.1 up, that were heard each second until then.
  private static func peers(second last: Int64, count: UInt64) -> PeerInterfaces {
    var peers = PeerInterfaces(capacity: 5000)
    _ = peers.number(of: "eth0")
    _ = peers.listen(on: [0], awaited: nil, now: 0)
    for second in 1...last {
      for number in 1...count {
        let time = second * 1_000_000_000
        peers.heard(
          HeartbeatArrival(arrival: time, payload: time / 1000, wallClock: time / 1000, port: 1),
          from: PeerID(address: IPAddress(family: .ipv4, high: 0, low: 0x0a00_0000 + number), interface: 0))
      }
    }
    return peers
  }

  @Test(
    "our last beats and their source are read back, and a malformed address does not affect the rest"
  )
  func senders() throws {
    let directory = try TemporaryDirectory()
    let v4 = OwnSender(
      interface: 0, source: Endpoint(IPAddress(family: .ipv4, high: 0, low: 0x0a00_0005), port: 7))
    let v6 = OwnSender(interface: 1, source: Endpoint(try #require(IPAddress("fe80::1")), port: 8))
    var written = kept(namespace: 7)
    written.senders = SenderCheckpoint(senders: [v4, v6], times: Array(1...1000), isComplete: true)
    try written.write(directory: directory.path)
    let read = try #require(
      PeerCheckpoint.read(directory: directory.path, group: group, namespace: 7)?.senders)
    #expect(read.senders == [v4, v6] && read.times == Array(745...1000) && read.isComplete)
    let path = directory.path + "/peers.json"
    let text = try SourceTree.text(path).split(separator: "10.0.0.5").joined(separator: "10.0.0.500")
    let file = try #require(fopen(path, "w"))
    fwrite(text, 1, text.utf8.count, file)
    fclose(file)
    let other = try #require(PeerCheckpoint.read(directory: directory.path, group: group, namespace: 7))
    #expect(other.senders?.senders == [v6])
  }

  @Test("after an upgrade from 0.1.0 no known peer is new, and a silent one stays silent")
  func upgrade() throws {
    let directory = try TemporaryDirectory()
    let file = try #require(fopen(directory.path + "/peers.json", "w"))
    let text = Self.writtenBy010.split(separator: "\n").joined()
    fwrite(text, 1, text.utf8.count, file)
    fclose(file)
    let kept = try #require(PeerCheckpoint.read(directory: directory.path, group: group))
    // Of our own it has a port only, which by now may be anybody's.
    #expect(kept.senders == nil)
    let taken: Int64 = 9_921_340_979_025
    var peers = PeerInterfaces(
      restoring: kept.snapshots, names: kept.names, capacity: 16, at: taken + 1_000_000_000, isGapless: true)
    #expect(peers.counts == PeerCounts(alive: 1, silent: 1))
    #expect(peers.takeEvents(limit: .max).isEmpty)
    let alive = PeerID(address: IPAddress(family: .ipv4, high: 0, low: 0x7f00_0005), interface: 0)
    let report = try #require(peers.report(of: alive))
    #expect(report.interval == 999_990_000 && report.beats == 27 && report.isEstablished)
    // It goes on, and the other one comes back.
    _ = peers.listen(on: [0], awaited: nil, now: taken + 1_000_000_000)
    let silent = PeerID(address: IPAddress(family: .ipv4, high: 0, low: 0x7f00_0006), interface: 0)
    for second in Int64(1)...20 {
      let arrival = taken + second * 1_000_000_000
      for id in [alive, silent] {
        peers.heard(
          HeartbeatArrival(
            arrival: arrival, payload: 1_795_602_985_863_427 + second * 1_000_000, wallClock: arrival / 1000,
            port: 7), from: id)
      }
      _ = peers.judge(at: arrival, now: arrival, selfTest: SelfTest())
    }
    let events = peers.takeEvents(limit: .max)
    #expect(events.count == 1)
    guard case .back(let back) = try #require(events.first) else {
      Issue.record("not back")
      return
    }
    #expect(back.id == silent)
    #expect(peers.counts == PeerCounts(alive: 2))
  }

  /// As 0.1.0 wrote it: 127.0.0.5 alive, 127.0.0.6 silent.
  private static let writtenBy010 = """
    {"group":"239.1.1.1:5001","isComplete":true,"names":{"names":["lo"]},"ownPorts":[0,54358],
    "snapshots":{"0":{"clock":{"deaf":0,"dropsNotedUntil":-9223372036854775808},
    "entries":[{"id":{"address":"127.0.0.5","interface":0},"peer":{"armed":9923214246097,"beats":27,
    "interval":{"count":8,"gaps":[999990,1000006,999990,1000050,999965,999992,1001944,998041],
    "interval":999990000,"isAfterPause":false,"next":2,"usualGap":999990},"isListed":true,
    "isReturning":false,"lastAudible":9920714287978,"lastHeard":9920714287978,"ports":{"beats":26,
    "otherPort":0,"port":57822,"strangers":0,"strangersAlike":0,"turns":0},"silence":0,
    "state":"alive","stateSince":9895714299879,"statistics":{"clockSteps":0,"doubts":0,
    "duplicates":0,"gapLength":0,"gapMissing":0,"gapStart":0,"isGapOurs":false,
    "isOffSchedule":false,"jitter16":154,"lastPayload":1795602985863427,
    "lastTransit":-1795593065149140,"leastTransit":-1795593065149140,"missed":0,"missedHere":0,
    "nextRecent":2,"offset":145,"onSchedule":0,"pace":999973,"recent":[1712457405,1713457411,
    1710459337,1711457419],"reordered":0,"restarts":0}}},{"id":{"address":"127.0.0.6",
    "interface":0},"peer":{"armed":9913233285287,"beats":14,"interval":{"count":8,"gaps":[1000003,
    1002860,997114,999994,999990,999982,1002889,997110],"interval":999990000,"isAfterPause":false,
    "next":5,"usualGap":999990},"isListed":true,"isReturning":false,"lastAudible":9907733340287,
    "lastHeard":9907733340287,"ports":{"beats":13,"otherPort":0,"port":60929,"strangers":0,
    "strangersAlike":0,"turns":0},"silence":0,"state":"silent","stateSince":9907733340287,
    "statistics":{"clockSteps":0,"doubts":0,"duplicates":0,"gapLength":0,"gapMissing":0,
    "gapStart":0,"isGapOurs":false,"isOffSchedule":false,"jitter16":103,
    "lastPayload":1795602972882485,"lastTransit":-1795593065149145,"leastTransit":-1795593065149145,
    "missed":0,"missedHere":0,"nextRecent":1,"offset":138,"onSchedule":0,"pace":1001280,
    "recent":[1700476469,1697479338,1698476472,1699476469],"reordered":0,"restarts":0}}}],
    "latestAudible":9920714287978,"latestHeard":9920714287978,"takenAt":9921340979025,"version":1}}}
    """

  @Test("the checkpoint has the network namespace of the process")
  func written() throws {
    let log = DatagramLog(
      queue: EntryQueue(capacity: 65_536), ledger: SharedLedger(), form: .journal, group: group,
      policy: LogPolicy(.everything), wakeWriter: { _ in })
    let pipeline = ReceivePipeline(
      log: log, monitor: Monitor(.of(group), realtime: 0, at: 0, isGapless: false), sent: SentTimes(),
      places: SendingPlaces(), previous: nil)
    let checkpoint = pipeline.checkpoint(isComplete: true, now: 1)
    #expect(checkpoint.namespace == NetworkNamespace.cookie && checkpoint.group == "\(group)")
  }
}
