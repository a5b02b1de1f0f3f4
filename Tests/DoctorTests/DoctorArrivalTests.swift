// SPDX-License-Identifier: Apache-2.0

import Glibc
import TestSupport
import Testing

@testable import Doctor
@testable import Multicast
@testable import Platform

/// Rule sets in force, datagrams that are sent, and a socket that is not the doctor's to say whether they
/// arrive: the doctor has a problem where they do not, and none where they do.
@Suite(.serialized, .enabled(if: DoctorHost.isAvailable, Comment(rawValue: DoctorHost.needs)))
struct DoctorArrivalTests {
  private static let group = Endpoint(IPAddress(family: .ipv4, high: 0, low: 0xef01_0101), port: 5001)

  private static func plan() -> DoctorPlan {
    var plan = DoctorPlan(
      uses: [.init(group: group, interfaces: .listed([.name("eth0")]), sends: true, receives: true)])
    plan.receiveBuffer = 64 << 10
    plan.listening = .milliseconds(500)
    plan.queryWait = .milliseconds(10)
    return plan
  }

  /// Whether a datagram of 10.77.0.9, which sends 20 a second, comes within a second.
  private static func arrives() throws -> Bool {
    let receiver = try MulticastReceiver(group: group, receiveBuffer: 64 << 10)
    let eth0 = try #require(try InterfaceTable.read()[name: "eth0"]).interface
    try receiver.join(interfaceIndex: eth0.index)
    let end = ContinuousClock.now + .seconds(1)
    var isHeard = false
    while !isHeard, ContinuousClock.now < end {
      Poll.wait(for: POLLIN, on: [receiver.descriptor], atMost: end - .now)
      _ = try receiver.receive { if "\($0.source.address)" == "10.77.0.9" { isHeard = true } }
    }
    return isHeard
  }

  @Test(
    "a problem where nothing arrives, and nowhere else",
    arguments: [
      ("accept-all-but-strangers", true), ("accept-by-changing-set", true),
      ("accept-by-connection-mark", true), ("accept-by-limit", true), ("accept-by-mark", true),
      ("accept-by-named-map", true), ("accept-by-set", true), ("accept-by-source-map", true),
      ("accept-by-source", true), ("accept-in-jump", true), ("accept-names-like-sets", true),
      ("drop-all-but-strangers", false), ("drop-by-named-map", false), ("drop-by-policy", false),
      ("drop-in-jump", false), ("firewalld", false), ("firewalld-port", true),
      ("firewalld-rich-source", true), ("firewalld-source-zone", true), ("firewalld-trusted", true),
    ])
  func agrees(name: String, isExpected: Bool) async throws {
    let (arrives, report) = try await DoctorHost.run { host in
      try host.run(["nft", "-f", "\(DoctorRulesetTests.folder)/\(name).nft"])
      try host.send(from: "10.77.0.9", to: "239.1.1.1", port: 5001)
      return (try Self.arrives(), Doctor.run(Self.plan()) { _ in })
    }
    #expect(arrives == isExpected, "the rules do not do what the test is about")
    let problems = report.findings.filter { $0.status == .problem }
    #expect(problems.isEmpty == arrives, "\(problems)")
    #expect((report.exitStatus == 2) == !arrives)
    // What arrives overrules what the rules leave open.
    let doubts = report.findings.filter { $0.check == "firewall" && $0.found.contains("239.1.1.1") }
    #expect(!arrives || doubts.isEmpty, "\(doubts)")
  }

  @Test("a limit that lets little through is seen, and is no problem")
  func findsLimit() async throws {
    let report = try await DoctorHost.run { host in
      try host.run(["nft", "-f", "\(DoctorRulesetTests.folder)/accept-some.nft"])
      try host.send(from: "10.77.0.9", to: "239.1.1.1", port: 5001)
      #expect(try Self.arrives())
      var plan = Self.plan()
      plan.listening = .seconds(2)
      return Doctor.run(plan) { _ in }
    }
    let reception = try #require(report.findings.first { $0.check == "reception" })
    #expect(reception.status == .warning, "\(report.findings)")
    #expect(report.findings.first { $0.check == "firewall" }?.status == .unknown)
    #expect(report.exitStatus == 1)
  }

  @Test(
    "nobody sends: a rule that asks for the source is no problem, one that drops all is",
    arguments: [
      ("accept-by-source", DoctorFinding.Status.unknown), ("accept-by-named-map", .ok),
      ("accept-by-mark", .unknown),
      ("drop-by-policy", .problem),
    ])
  func judgesSilence(name: String, expected: DoctorFinding.Status) async throws {
    let report = try await DoctorHost.run { host in
      try host.run(["nft", "-f", "\(DoctorRulesetTests.folder)/\(name).nft"])
      return Doctor.run(Self.plan()) { _ in }
    }
    let statuses = report.findings.filter { $0.check == "firewall" && $0.found.contains("239.1.1.1") }
      .map(\.status)
    #expect(statuses == [expected].filter { $0 != .ok }, "\(report.findings)")
  }

  @Test("on lo, where the wire shows what the host sends, the doctor's own datagram is none of others")
  func isSoundOnLoopback() async throws {
    let report = try await DoctorHost.run { _ in
      var plan = Self.plan()
      plan.uses[0].interfaces = .listed([.name("lo")])
      return Doctor.run(plan) { _ in }
    }
    #expect(report.findings.allSatisfy { $0.status == .ok }, "\(report.findings)")
    #expect(report.findings.contains { $0.found == "nobody sent to 239.1.1.1:5001 in 0.5 s" })
  }

  @Test("the doctor's own datagram on lo is none that is lost, whenever it is sent")
  func ignoresProbe() async throws {
    let (outcome, isNone) = try await DoctorHost.run { _ in
      var plan = Self.plan()
      plan.uses[0].interfaces = .listed([.name("lo")])
      let context = try DoctorContext(plan) { _ in }
      _ = context.listening
      let target = try #require(context.targets.first)
      let outcome = "\(context.probe(target))"
      context.wire.drain()
      return (outcome, context.lost(target).isNone)
    }
    #expect(outcome == "heard")
    #expect(isNone)
  }

  @Test("a port of a bridge stands for the bridge, as it does for the daemon")
  func followsPort() async throws {
    let report = try await DoctorHost.run { host in
      try host.run("ip address flush dev eth0")
      try host.run("ip link add br9 type bridge mcast_snooping 0")
      try host.run("ip link set eth0 master br9")
      try host.run("ip address add 10.77.0.1/24 dev br9")
      try host.run("ip link set br9 up")
      try host.run("ip route add default via 10.77.0.2")
      return Doctor.run(Self.plan()) { _ in }
    }
    #expect(report.findings.filter { $0.status == .problem } == [])
    #expect(Set(report.findings.compactMap(\.interface)) == ["br9"])
    #expect(report.findings.first?.found.hasSuffix("; eth0 is a port of it") == true)
  }

  @Test("a name with control characters and shell words in it leaves neither text nor command")
  func escapesNames() async throws {
    let report = try await DoctorHost.run { host in
      try host.run(["ip", "link", "add", "e\u{1b}[31m;x", "type", "veth", "peer", "name", "p9"])
      try host.run(["ip", "link", "set", "p9", "up"])
      var plan = Self.plan()
      plan.uses[0].interfaces = .listed([.name("e\u{1b}[31m;x")])
      return Doctor.run(plan) { _ in }
    }
    let down = try #require(report.findings.first { $0.found == "is down" })
    #expect(down.actions == [#"ip link set $'e\x1b[31m;x' up"#])
    let text = report.findings.flatMap(DoctorText(width: nil).lines).joined()
    #expect(!text.contains("\u{1b}"))
    #expect(text.contains(#"e\x1b[31m;x: is down"#))
    #expect(!report.json.description.contains("\u{1b}"))
  }
}
