// SPDX-License-Identifier: Apache-2.0

import Glibc
import TestSupport
import Testing

@testable import Daemon
@testable import Heartbeat
@testable import Journal
@testable import Liveness
@testable import Monitor
@testable import Platform
@testable import Settings

/// The wording of messages, each in full. Other tests look at kinds and fields.
struct MessageTextTests {
  /// An event, and its entry.
  struct Row {
    var event: Event
    var kind: MessageKind?
    var priority: JournalPriority = .debug
    var text = ""
    /// What else it has, where the text does not say it.
    var fields: [String: String] = [:]

    init(
      _ event: Event, _ kind: MessageKind, _ priority: JournalPriority, _ text: String,
      _ fields: [String: String] = [:]
    ) {
      (self.event, self.kind, self.priority, self.text, self.fields) = (event, kind, priority, text, fields)
    }

    /// An event without an entry.
    init(_ event: Event) { self.event = event }
  }

  static let second = Example.second

  private static func all() throws -> [Row] {
    try service + interfaces + sending + receiving() + onePeer() + severalPeers() + otherPeers() + readings()
      + rules() + states + journal() + files
  }

  @Test("every event has the words, kind and priority that it always had")
  func texts() throws {
    for row in try Self.all() {
      let entry = EventCatalogue.entry(of: row.event)
      #expect(entry?.message ?? "" == row.text)
      #expect(entry?.kind == row.kind, "\(row.text)")
      #expect(entry?.priority ?? .debug == row.priority, "\(row.text)")
      for (name, value) in row.fields { #expect(entry?.fields[name] == value, "\(row.text) \(name)") }
    }
  }

  @Test("every event has a name, which the manual lists")
  func names() throws {
    let manual = try SourceTree.read("packaging/man/mcastd.8.scd")
    for row in try Self.all() {
      // They are told in the journal only.
      if [.journalUnreachable, .messagesLost].contains(row.kind) { continue }
      let name = EventCatalogue.name(of: row.event, EventCatalogue.entry(of: row.event))
      #expect(!name.isEmpty && manual.contains("_\(name)_"), "\(row.event)")
    }
  }

  @Test("every case of an event has an example here, and every kind of entry")
  func exhaustive() throws {
    let rows = try Self.all()
    let cases = Set(rows.map { EventCase($0.event) })
    #expect(EventCase.all.subtracting(cases).isEmpty)
    // A datagram's entry is `DatagramEntry`'s.
    #expect(Set(rows.compactMap(\.kind)).union([.received]) == Set(MessageKind.allCases))
  }

  @Test("every entry has the fields that its kind's explanation names")
  func explained() throws {
    for entry in try Self.all().compactMap({ EventCatalogue.entry(of: $0.event) }) {
      let explanation = try #require(entry.kind.explanation)
      let parts = (explanation.subject + "\n" + explanation.text).split(
        separator: "@", omittingEmptySubsequences: false)
      for (number, name) in parts.enumerated() where number % 2 == 1 {
        #expect(entry.fields[String(name)] != nil, "\(entry.kind) \(name)")
      }
    }
  }

  // MARK: Service and interfaces

  private static var service: [Row] {
    let counts: [(name: String, value: UInt64)] = [("RECEIVED", 5), ("LOGGED", 5)]
    func stopping(untaken: Int) -> Event {
      .service(
        .stopping(
          signal: "SIGTERM", ledger: "received 5, logged 5", counts: counts, untaken: untaken,
          within: .seconds(5)))
    }
    let ledger = ["MCAST_SIGNAL": "SIGTERM", "MCAST_LEDGER_RECEIVED": "5", "MCAST_LEDGER_LOGGED": "5"]
    return [
      Row(
        .service(.started(status: "239.1.1.1:5001 on eth0", group: Example.group)), .started, .notice,
        "mcastd \(Version.current) started: 239.1.1.1:5001 on eth0",
        ["MCAST_GROUP": "239.1.1.1", "MCAST_PORT": "5001", "MCAST_VERSION": Version.current]),
      Row(
        .service(.startFailed(reason: "ttl=300 is not valid")), .startFailed, .error, "ttl=300 is not valid"),
      Row(stopping(untaken: 0), .stopping, .notice, "stopping: received 5, logged 5.", ledger),
      Row(
        stopping(untaken: 3), .stopping, .notice,
        "stopping: received 5, logged 5. The journal did not take 3 entries within 5.0 seconds; they are "
          + "summarised.", ledger),
      Row(
        .service(.configurationApplied(status: "status", changes: [])), .configurationApplied, .notice,
        "the configuration is in force: status. Changed: nothing"),
      Row(
        .service(.configurationApplied(status: "status", changes: ["ttl=2", "interval=2s"])),
        .configurationApplied, .notice,
        "the configuration is in force: status. Changed: ttl=2, interval=2s"),
      Row(
        .service(.configurationRefused(reason: "ttl=300 is not valid")), .configurationRefused, .error,
        "the configuration was refused, the previous one stays in force: ttl=300 is not valid"),
      Row(
        .service(.settingUnknown(warning: "unknown key grup is ignored")), .configurationUnknownKey, .warning,
        "unknown key grup is ignored"),
    ]
  }

  private static var interfaces: [Row] {
    let address = Example.address(1)
    let refused = "setsockopt: No buffer space available (ENOBUFS)"
    let fields = ["MCAST_INTERFACE": "eth0", "MCAST_GROUP": "239.1.1.1", "MCAST_PORT": "5001"]
    func row(
      _ event: InterfaceEvent, _ kind: MessageKind, _ text: String, _ more: [String: String] = [:]
    ) -> Row {
      Row(
        .interface(event, group: Example.group), kind, kind == .interfaceJoined ? .notice : .warning, text,
        fields.merging(more) { $1 })
    }
    return [
      row(
        .began("eth0", address: address, isSending: false), .interfaceJoined,
        "joined 239.1.1.1:5001 on eth0 (10.0.0.1)"),
      row(
        .began("eth0", address: nil, isSending: true), .interfaceJoined, "sending to 239.1.1.1:5001 on eth0"),
      row(
        .renamed("eth0", from: "eth9", isSending: false), .interfaceJoined,
        "joined 239.1.1.1:5001 on eth0, which was called eth9"),
      row(.carrierBack("eth0"), .interfaceJoined, "eth0 has a carrier again"),
      row(
        .sourceChanged("eth0", from: address, to: Example.address(2)), .interfaceJoined,
        "sending to 239.1.1.1:5001 on eth0 from 10.0.0.2: 10.0.0.1 is gone. Peers take this for another host."
      ),
      row(
        .ended("eth0", reason: "eth0 is down", waitingFor: [], isSending: true), .interfaceLost,
        "eth0 is down: nothing is sent to 239.1.1.1:5001 on it any more."),
      row(
        .ended("eth0", reason: "eth0 is down", waitingFor: ["eth0 (it is down)", "eth1"], isSending: false),
        .interfaceLost,
        "eth0 is down: not listening to 239.1.1.1:5001 on it any more. Waiting for eth0 (it is down), eth1; "
          + "nothing needs to be restarted."),
      row(
        .carrierLost("eth0"), .interfaceLost,
        "eth0 has no carrier: nothing is received on it, and its peers are unknown. Check the cable, the "
          + "switch port or the other end."),
      row(
        .rejoinRefused("eth0", reason: refused), .interfaceLost,
        "cannot join 239.1.1.1:5001 on eth0 again: \(refused). It is tried again."),
      row(
        .refused("eth0", reason: refused, errno: ENOBUFS), .interfaceLost,
        "cannot use eth0 for 239.1.1.1:5001: \(refused). It is tried again.", ["ERRNO": "105"]),
      row(
        .limitReached("eth0", reason: refused, errno: ENOBUFS, sysctl: "net.ipv4.igmp_max_memberships"),
        .membershipLimit,
        "cannot join 239.1.1.1 on eth0: \(refused). The kernel's limit on memberships is reached: raise it "
          + "with `sysctl net.ipv4.igmp_max_memberships=N`.", ["ERRNO": "105"]),
      row(
        .missing("eth0", what: "no interface is called eth0", present: "lo and eth1", origin: "FILE:7"),
        .interfaceMissing,
        "no interface is called eth0, for 30 s now: nothing is sent or heard there. There are lo and eth1. "
          + "The name is from FILE:7: correct it if it is wrong; the interface is used as soon as it appears."
      ),
      row(
        .querierMissing("eth0", heardFor: 260 * second), .querierMissing,
        "239.1.1.1:5001 fell quiet on eth0 4 min 20 s after it was joined, and was heard again as soon as it "
          + "was joined again: probably a switch with IGMP or MLD snooping and no querier. Enable a querier "
          + "on the switch or bridge (multicast_querier), or turn snooping off."),
    ]
  }

  // MARK: Sending and receiving

  private static var sending: [Row] {
    func event(_ event: SendingEvent) -> Event {
      .sending(event, group: Example.group, interface: "eth0")
    }
    let fields = ["MCAST_INTERFACE": "eth0", "MCAST_GROUP": "239.1.1.1", "MCAST_PORT": "5001"]
    return [
      Row(
        event(.failing(errno: ENOBUFS)), .sendFailing, .warning,
        "cannot send to 239.1.1.1:5001 on eth0: No buffer space available (ENOBUFS). "
          + "\(ErrnoAdvice.send(ENOBUFS)) It is tried again with every beat.",
        fields.merging(["ERRNO": "105"]) { $1 }),
      Row(
        event(.recovered(failures: 1)), .sendRecovered, .notice,
        "sending to 239.1.1.1:5001 on eth0 again, after 1 beat that could not be sent",
        fields.merging(["MCAST_FAILED": "1"]) { $1 }),
      Row(
        event(.recovered(failures: 2)), .sendRecovered, .notice,
        "sending to 239.1.1.1:5001 on eth0 again, after 2 beats that could not be sent",
        fields.merging(["MCAST_FAILED": "2"]) { $1 }),
    ]
  }

  private static func receiving() throws -> [Row] {
    let (first, second) = try Example.numbers()
    return [
      Row(
        Example.receiving(.bufferClamped(granted: 425_984, wanted: 8_388_608)), .receiveBufferClamped,
        .warning,
        "the kernel granted a receive buffer of 425984 bytes instead of 8388608 (receive-buffer): raise it "
          + "with `sysctl net.core.rmem_max=8388608`.",
        ["MCAST_GRANTED": "425984", "MCAST_WANTED": "8388608"]),
      Row(
        Example.receiving(.dropped(first, buffer: 4096)), .kernelDrops, .warning,
        "the kernel dropped 40 datagrams to 239.1.1.1:5001: the receive buffer of 4096 bytes was full. Raise "
          + "receive-buffer, and net.core.rmem_max with it.", ["MCAST_DROPPED": "40", "MCAST_TOTAL": "40"]),
      Row(
        Example.receiving(.dropped(second, buffer: 4096)), .kernelDrops, .warning,
        "the kernel dropped 2 datagrams to 239.1.1.1:5001; 42 in all within 4.0 s: the receive buffer of "
          + "4096 bytes was full. Raise receive-buffer, and net.core.rmem_max with it.",
        ["MCAST_DROPPED": "2", "MCAST_TOTAL": "42"]),
      Row(
        Example.receiving(.verdicts(.suspended(share: 0.125))), .verdictsSuspended, .warning,
        "the kernel drops 12 % of all datagrams, so that missing heartbeats say nothing about their senders: "
          + "no peer becomes silent, and one that is not heard becomes unknown. Raise receive-buffer, and "
          + "net.core.rmem_max with it."),
      Row(
        Example.receiving(.verdicts(.resumed(after: 7 * Self.second))), .verdictsResumed, .notice,
        "the kernel drops little enough again: peers are judged as before, after 7.0 s"),
      Row(
        Example.receiving(.ownBeats(.notHeard(unheard: 5), interface: "eth0")), .ownHeartbeatNotHeard, .error,
        "our own heartbeats to 239.1.1.1:5001 do not come back on eth0: 5 were sent and none was heard. "
          + "The fault is on this host, not with the peers: a firewall, or a lost membership. See "
          + "`mcastd doctor`."),
      Row(
        Example.receiving(.ownBeats(.heardAgain(silentFor: 9 * Self.second), interface: "eth0")),
        .ownHeartbeatHeard, .notice,
        "our own heartbeats to 239.1.1.1:5001 come back again on eth0, after 9.0 s"),
      Row(
        Example.receiving(.socketUnusable(reason: "it is of another network namespace")), .socketUnusable,
        .notice,
        "the receive socket kept over the restart cannot be reused: it is of another network namespace. A "
          + "new one is opened; datagrams queued in the old one are lost."),
      Row(
        Example.receiving(.notAuthentic(refused(first), isRefused: true)), .notAuthentic, .warning,
        "40 heartbeats to 239.1.1.1:5001 within 1.0 s are not authentic: with a wrong mac (30), accepted before "
          + "(10). Most from: 10.0.0.9 (40). What is not authentic counts for nothing.",
        ["MCAST_UNAUTHENTIC": "40", "MCAST_TOTAL": "40", "MCAST_REPLAYED": "10"]),
      Row(
        Example.receiving(.notAuthentic(refused(second), isRefused: false)), .notAuthentic, .warning,
        "2 heartbeats to 239.1.1.1:5001 within 1.0 s are not authentic; 42 in all within 4.0 s: with a wrong mac "
          + "(30), accepted before (10). Most from: 10.0.0.9 (40). It still counts, since auth.mode is sign."
      ),
      Row(
        Example.receiving(
          .clocksOff(
            [
              ClockNews.Off(host: "ups1", ahead: -3_600_000_000),
              ClockNews.Off(host: "ups2", ahead: 6_100_000),
            ], more: 3)), .clockOff, .warning,
        "clocks differ: ups1 is 1 h 0 min behind, ups2 is 6.1 s ahead and 3 more, by this host's clock. What "
          + "such a host sends cannot be told from what was recorded: its readings are not used, and after a "
          + "restart it is refused. "
          + "Set the clocks by NTP: `timedatectl`.",
        ["MCAST_HOST": "ups1", "MCAST_OFFSET_USEC": "3600000000", "MCAST_COUNT": "5"]),
      Row(
        Example.receiving(.clocksRight(["ups1"], more: 0)), .clockRight, .notice,
        "the clock of ups1 is right again", ["MCAST_HOST": "ups1"]),
    ]
  }

  private static func refused(_ numbers: SummaryPace.Summary) -> RefusedHeartbeats {
    RefusedHeartbeats(
      numbers: numbers, reasons: [(.code(.wrongMAC), 30), (.repeated, 10)],
      loudest: [(Example.address(9), 40)])
  }

  // MARK: Others

  @Test("a received datagram")
  func received() {
    var entry = DatagramEntry(form: .line, group: Example.group)
    entry.interfaceNames = [Array("eth0".utf8)]
    let line = Array("ATU 2026-11-22 07:25:09.195112".utf8).withUnsafeBytes { payload in
      let facts = LoggedDatagram(
        payload: payload, size: payload.count, source: Endpoint(Example.address(5), port: 46378),
        interface: 0, isHeartbeat: true, receivedNanoseconds: 0)
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
