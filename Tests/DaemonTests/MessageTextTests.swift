// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import Daemon
@testable import Heartbeat
@testable import Journal
@testable import Liveness
@testable import Platform
@testable import Settings

/// The wording of messages, each in full. Other tests look at kinds and fields.
struct MessageTextTests {
  private static let second: Int64 = 1_000_000_000
  private let events = RecordedEvents()
  private let group = Endpoint(IPAddress(family: .ipv4, high: 0, low: 0xef01_0101), port: 5001)
  private var journal: PeerJournal { PeerJournal(events: events.log, group: group) }
  private let names: InterfaceNames = {
    var names = InterfaceNames()
    _ = names.number(of: "eth0")
    return names
  }()

  private static func address(_ number: UInt64) -> IPAddress {
    IPAddress(family: .ipv4, high: 0, low: 0x0a00_0000 + number)
  }

  private func expect(
    _ kind: MessageKind, _ priority: JournalPriority, _ text: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let last = events.all.last
    #expect(last?.message == text, sourceLocation: sourceLocation)
    #expect(last?.kind == kind && last?.priority == priority, sourceLocation: sourceLocation)
  }

  // MARK: Peers

  /// 10.0.0.5, heard each second from 0 to 20 s.
  private func peer() throws -> PeerReport<PeerID> {
    var table = PeerTable<PeerID>(capacity: 16)
    let id = PeerID(address: Self.address(5), interface: 0)
    for beat in 0...20 as ClosedRange<Int64> {
      table.heard(
        HeartbeatArrival(
          arrival: beat * Self.second, payload: beat * 1_000_000, wallClock: beat * 1_000_000, port: 1),
        from: id)
    }
    return try #require(table.report(of: id))
  }

  private func report(_ event: PeerEvent<PeerID>, at seconds: Int64 = 25, count: Int = 1) {
    let addresses = (5..<5 + UInt64(count)).map(Self.address)
    journal.report(
      EventRateLimiter.Entry(event: event, at: seconds * Self.second, count: count, addresses: addresses),
      names)
  }

  @Test("events of one peer")
  func onePeer() throws {
    var peer = try peer()
    report(.discovered(peer))
    expect(.peerDiscovered, .notice, "new peer 10.0.0.5 on eth0")
    report(.silent(peer))
    expect(
      .peerSilent, .warning,
      "peer 10.0.0.5 on eth0 is silent: nothing heard for 5.0 s, expected every 1.0 s")
    peer.sendsOther = true
    report(.silent(peer))
    expect(
      .peerSilent, .warning,
      "peer 10.0.0.5 on eth0 is silent: no heartbeat heard for 5.0 s, expected every 1.0 s. Its "
        + "datagrams arrive, in another form: see MCAST_KIND=datagram")
    peer.lastSilence = 693 * Self.second
    report(.back(peer))
    expect(.peerBack, .notice, "peer 10.0.0.5 on eth0 is back, after 11 min 33 s of silence")
    report(.evicted(peer))
    expect(
      .peerEvicted, .warning,
      "peer 10.0.0.5 on eth0 was evicted: the table of peers is full. Raise peers.max, or name it in "
        + "peers.expected.")
  }

  @Test("events of several peers")
  func severalPeers() throws {
    let peer = try peer()
    report(.discovered(peer), count: 2)
    expect(.peerDiscovered, .notice, "2 new peers on eth0: 10.0.0.5, 10.0.0.6")
    report(.silent(peer), count: 11)
    expect(
      .peerSilent, .warning,
      "11 peers on eth0 are silent: 10.0.0.5, 10.0.0.6, 10.0.0.7, 10.0.0.8, 10.0.0.9, 10.0.0.10, "
        + "10.0.0.11, 10.0.0.12, 10.0.0.13, 10.0.0.14 and 1 more")
    report(.back(peer), count: 2)
    expect(.peerBack, .notice, "2 peers on eth0 are back: 10.0.0.5, 10.0.0.6")
    report(.evicted(peer), count: 2)
    expect(
      .peerEvicted, .warning,
      "2 peers on eth0 were evicted: the table of peers is full. Raise peers.max, or name them in "
        + "peers.expected: 10.0.0.5, 10.0.0.6")
  }

  @Test("events without an entry report nothing")
  func nothing() throws {
    let peer = try peer()
    for event: PeerEvent<PeerID> in [
      .forgotten(peer), .unknown(peer), .known(peer), .networkSilent(peers: 3, last: peer.id, since: 0),
      .networkHeard(by: peer.id, at: 2, silentFor: 1),
    ] {
      report(event)
      report(event, count: 2)
    }
    journal.report(missing: [], waited: 1)
    #expect(events.all.isEmpty)
  }

  @Test("expected peers that were never heard")
  func missing() {
    journal.report(missing: [Self.address(5)], waited: 15 * Self.second)
    expect(
      .peerSilent, .warning,
      "peer 10.0.0.5 is silent: it is expected (peers.expected) and has not been heard since "
        + "mcastd began to listen, for 15.0 s"
    )
    journal.report(missing: [Self.address(5), Self.address(6)], waited: 15 * Self.second)
    expect(
      .peerSilent, .warning,
      "2 peers are silent: they are expected (peers.expected) and have not been heard since "
        + "mcastd began to listen, for 15.0 s: 10.0.0.5, 10.0.0.6")
  }

  @Test("events of the whole network")
  func network() throws {
    let peer = try peer().id
    journal.reportNetwork(.networkSilent(peers: 3, last: peer, since: 0), names)
    expect(
      .networkSilent, .error,
      "the network is silent: all 3 peers of 239.1.1.1:5001 on eth0 stopped at once. The network or this "
        + "host is the likely cause, not the peers. See `mcastd doctor`.")
    journal.reportNetwork(.networkHeard(by: peer, at: 30 * Self.second, silentFor: 8 * Self.second), names)
    expect(
      .peerBack, .notice,
      "the network is heard again: peer 10.0.0.5 on eth0, after 8.0 s of silence; the other peers are "
        + "judged one by one")
  }

  @Test("verdicts that are suspended by kernel drops")
  func verdicts() {
    journal.report(DropShare.Change.suspended(share: 0.125))
    expect(
      .verdictsSuspended, .warning,
      "the kernel drops 12 % of all datagrams, so that missing heartbeats say nothing about their senders: "
        + "no peer becomes silent, and one that is not heard becomes unknown. Raise receive-buffer, and "
        + "net.core.rmem_max with it."
    )
    journal.report(DropShare.Change.resumed(after: 7 * Self.second))
    expect(
      .verdictsResumed, .notice,
      "the kernel drops little enough again: peers are judged as before, after 7.0 s")
  }

  @Test("our own heartbeats")
  func ownHeartbeats() {
    journal.report(SelfTest.Event(interface: 0, change: .notHeard(unheard: 5)), names)
    expect(
      .ownHeartbeatNotHeard, .error,
      "our own heartbeats to 239.1.1.1:5001 do not come back on eth0: 5 were sent and none was heard. "
        + "The fault is on this host, not with the peers: a firewall, or a lost membership. See "
        + "`mcastd doctor`."
    )
    journal.report(SelfTest.Event(interface: 0, change: .heardAgain(silentFor: 9 * Self.second)), names)
    expect(
      .ownHeartbeatHeard, .notice,
      "our own heartbeats to 239.1.1.1:5001 come back again on eth0, after 9.0 s")
  }

  @Test("memberships that were renewed")
  func memberships() {
    journal.reportMissingQuerier(on: "eth0", heardFor: 260 * Self.second)
    expect(
      .querierMissing, .warning,
      "239.1.1.1:5001 fell quiet on eth0 4 min 20 s after it was joined, and was heard again as soon as it "
        + "was joined again: probably a switch with IGMP or MLD snooping and no querier. Enable a querier "
        + "on the switch or bridge (multicast_querier), or turn snooping off.")
    journal.reportRefused("eth0", "setsockopt: No buffer space available (ENOBUFS)")
    expect(
      .interfaceLost, .warning,
      "cannot join 239.1.1.1:5001 on eth0 again: setsockopt: No buffer space available (ENOBUFS). It is "
        + "tried again.")
  }

  // MARK: Suppression

  /// The numbers of the first entry, and of the second.
  private func numbers() throws -> (first: SummaryPace.Summary, second: SummaryPace.Summary) {
    var pace = SummaryPace()
    pace.add(40, since: 0, now: Self.second)
    let first = pace.take(now: Self.second, isFinal: false)
    pace.add(2, since: 3 * Self.second, now: 4 * Self.second)
    let second = pace.take(now: 20 * Self.second, isFinal: false)
    return (try #require(first), try #require(second))
  }

  @Test("datagrams and events without an entry of their own")
  func suppression() throws {
    let (first, second) = try numbers()
    let loudest: [(source: IPAddress, count: UInt64)] = [(Self.address(5), 30), (Self.address(6), 10)]
    events.log.report(SuppressionSummary(reason: .budget, numbers: first, loudest: loudest))
    expect(
      .summarised, .warning,
      "40 datagrams within 1.0 s have no entry of their own: over the budget of log.rate and log.burst. "
        + "Loudest: 10.0.0.5 (30), 10.0.0.6 (10)")
    #expect(events.all.last?.field("MCAST_REASON") == "budget")
    events.log.report(SuppressionSummary(reason: .stall, numbers: second, loudest: loudest))
    expect(
      .journalStalled, .warning,
      "2 datagrams within 1.0 s have no entry of their own; 42 in all within 4.0 s: the journal did not "
        + "take entries and log.queue was full. Loudest: 10.0.0.5 (30), 10.0.0.6 (10)")
    #expect(events.all.last?.field("MCAST_REASON") == "stall")
    #expect(events.all.last?.field("MCAST_LOUDEST") == "10.0.0.5 (30), 10.0.0.6 (10)")
    journal.report(suppressed: first)
    expect(
      .summarised, .warning,
      "40 events of peers have no entry of their own, there were too many at once: see `mcastd peers`")
    journal.report(suppressed: second)
    expect(
      .summarised, .warning,
      "2 events of peers have no entry of their own, there were too many at once; 42 in all within 4.0 s: "
        + "see `mcastd peers`")
    #expect(events.all.last?.field("MCAST_REASON") == "peers")
  }

  @Test("heartbeats that fill the journal")
  func volume() {
    events.log.report(
      JournalVolume.Excess(bytes: 1_250_000_000, entries: 4_000, span: 300 * Self.second))
    expect(
      .heartbeatVolume, .warning,
      "heartbeats take 1.2 GB of the journal a day, as of the last 5 min 0 s. Set log.heartbeats=own or "
        + "log.heartbeats=no: peers are watched and reported all the same. Or give mcastd a journal of its "
        + "own with LogNamespace= in the unit.")
  }

  // MARK: Others

  @Test("files of the runtime directory")
  func files() {
    let failure = FileFailure(call: "open", path: "/run/mcastd/x", errno: EACCES)
    events.log.report(.failing(failure), files: "peers", consequence: "Units may not see it.")
    expect(
      .filesFailing, .warning,
      "the files of peers cannot be written: open /run/mcastd/x: Permission denied (EACCES). Units may "
        + "not see it. It is tried again each second. The directory must be writable for the daemon's user.")
    events.log.report(.recovered, files: "peers", consequence: "")
    expect(.filesRecovered, .notice, "the files of peers are written again")
    events.log.report(nil, files: "peers", consequence: "")
    #expect(events.all.count == 2)
  }

  @Test("a received datagram")
  func received() {
    var entry = DatagramEntry(form: .line, group: group)
    entry.interfaceNames = [Array("eth0".utf8)]
    let line = Array("ATU 2026-11-22 07:25:09.195112".utf8).withUnsafeBytes { payload in
      let facts = DatagramFacts(
        payload: payload, size: payload.count, source: Endpoint(Self.address(5), port: 46378), interface: 0,
        isHeartbeat: true, receivedNanoseconds: 0)
      return [UInt8](unsafeUninitializedCapacity: payload.count + DatagramEntry.overhead) { buffer, count in
        count = entry.write(facts, into: UnsafeMutableRawBufferPointer(buffer))
      }
    }
    #expect(
      String(decoding: line, as: UTF8.self)
        == "received 30 bytes from 10.0.0.5:46378 on eth0: ATU 2026-11-22 07:25:09.195112\n")
  }

  @Test("settings that are ignored")
  func settings() {
    let file = Origin.file(path: "/etc/mcastd/mcastd.conf", line: 7)
    let warnings: [(SettingsWarning, String)] = [
      (
        .unknown(name: "publish.grup", nearest: "publish.group", origin: file),
        "/etc/mcastd/mcastd.conf:7: unknown key publish.grup is ignored; did you mean publish.group?"
      ),
      (
        .unknown(name: "MCASTD_GRUP", nearest: nil, origin: .environment("MCASTD_GRUP")),
        "unknown variable MCASTD_GRUP in the environment is ignored"
      ),
      (.more(3), "3 more unknown names are ignored"),
    ]
    for (warning, text) in warnings { #expect("\(warning)" == text) }
  }
}
