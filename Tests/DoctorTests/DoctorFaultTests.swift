// SPDX-License-Identifier: Apache-2.0

import Glibc
import TestSupport
import Testing

@testable import Doctor
@testable import Multicast
@testable import Platform

/// Each fault is built in a namespace of its own, and the doctor finds it, and nothing else that is not its
/// consequence.
@Suite(.serialized, .enabled(if: DoctorHost.isAvailable, Comment(rawValue: DoctorHost.needs)))
struct DoctorFaultTests {
  static func plan(_ interfaces: InterfaceChoice = .listed([.name("eth0")])) -> DoctorPlan {
    let group = Endpoint(IPAddress(family: .ipv4, high: 0, low: 0xef01_0101), port: 5001)
    var plan = DoctorPlan(uses: [.init(group: group, interfaces: interfaces, sends: true, receives: true)])
    plan.receiveBuffer = 64 << 10
    plan.listening = .milliseconds(500)
    plan.queryWait = .milliseconds(2500)
    plan.queryInterval = .seconds(3)
    return plan
  }

  /// Runs the doctor on a host that was changed by `change`.
  static func examine(
    _ plan: DoctorPlan = Self.plan(), _ change: @escaping @Sendable (DoctorHost) throws -> Void = { _ in }
  ) async throws -> DoctorReport {
    try await DoctorHost.run { host in
      try change(host)
      return Doctor.run(plan) { _ in }
    }
  }

  /// `check: what was found`, of the faults only.
  static func faults(_ report: DoctorReport) -> [String] {
    report.findings.filter { $0.status == .warning || $0.status == .problem }.map {
      "\($0.check): \($0.found)"
    }
  }

  @Test("a sound host is all ok")
  func isSound() async throws {
    let report = try await Self.examine { try $0.send(from: "10.77.0.9", to: "239.1.1.1", port: 5001) }
    #expect(report.findings.allSatisfy { $0.status == .ok }, "\(report.findings)")
    #expect(report.exitStatus == 0)
    #expect(Set(report.findings.map(\.check)) == Set(DoctorCheck.all.map(\.name)))
    #expect(report.findings.contains { $0.found.contains("datagrams of 1 source") }, "\(report.findings)")
  }

  @Test("auto on a sound host is all ok as well")
  func isSoundAutomatically() async throws {
    let report = try await Self.examine(Self.plan(.automatic))
    #expect(report.findings.allSatisfy { $0.status == .ok }, "\(report.findings)")
  }

  @Test("no route to the group")
  func findsNoRoute() async throws {
    let report = try await Self.examine { try $0.run("ip route delete default") }
    #expect(Self.faults(report) == ["route: no route to 239.1.1.1"])
    #expect(report.exitStatus == 1)
  }

  @Test("a route that leads elsewhere")
  func findsOtherRoute() async throws {
    let report = try await Self.examine { host in
      try host.run("ip link add eth1 type veth peer name other")
      try host.run("ip link set eth1 up")
      try host.run("ip link set other up")
      try host.run("ip route add 239.0.0.0/8 dev eth1")
    }
    #expect(Self.faults(report) == ["route: 239.1.1.1 is routed to eth1"])
  }

  @Test("an interface that is not there")
  func findsMissingInterface() async throws {
    let report = try await Self.examine(Self.plan(.listed([.name("eth9")])))
    #expect(Self.faults(report) == ["interface: no interface eth9"])
  }

  @Test("an interface that is down")
  func findsDown() async throws {
    let report = try await Self.examine { try $0.run("ip link set eth0 down") }
    #expect(Self.faults(report) == ["interface: is down", "route: no route to 239.1.1.1"])
    #expect(report.findings.first?.actions == ["ip link set eth0 up"])
  }

  @Test("an interface without a carrier")
  func findsNoCarrier() async throws {
    let report = try await Self.examine { try $0.atSwitch("ip link set port0 down") }
    #expect(Self.faults(report).contains("interface: has no carrier"), "\(report.findings)")
  }

  @Test("an interface without the MULTICAST flag")
  func findsNoMulticastFlag() async throws {
    let report = try await Self.examine { try $0.run("ip link set eth0 multicast off") }
    #expect(Self.faults(report).first == "interface: lacks the MULTICAST flag")
  }

  @Test("an interface without an address")
  func findsNoAddress() async throws {
    let report = try await Self.examine { try $0.run("ip address flush dev eth0") }
    #expect(Self.faults(report).contains("interface: has no IPv4 address"))
  }

  @Test("a bridge that is down, where a port of it is named")
  func findsPort() async throws {
    let report = try await Self.examine { host in
      try host.run("ip link add br9 type bridge mcast_snooping 0")
      try host.run("ip link set eth0 master br9")
    }
    let faults = report.findings.filter { $0.interface == "br9" && $0.status == .problem }
    #expect(faults.map(\.found) == ["is down"], "\(report.findings)")
  }

  @Test("no interface but lo: what is not there has no others to name")
  func namesNoOthers() async throws {
    let report = try await Self.examine(Self.plan(.listed([.name("eth9")]))) {
      try $0.run("ip link delete eth0")
    }
    #expect(report.findings.first?.actions == ["bring it up: there is no interface but lo now"])
  }

  @Test(
    "a port of a VRF, with udp_l3mdev_accept=0 and the firewall not to blame",
    .enabled(if: DoctorHost.hasVRF, "needs a kernel with VRF"), arguments: [0, 1])
  func findsVRF(accept: Int) async throws {
    let report = try await Self.examine { host in
      try host.run("ip link add blue type vrf table 10")
      try host.run("ip link set blue up")
      try host.run("ip link set eth0 master blue")
      try host.run("sysctl -qw net.ipv4.udp_l3mdev_accept=\(accept)")
      try host.send(from: "10.77.0.9", to: "239.1.1.1", port: 5001)
    }
    let problems = report.findings.filter { $0.status == .problem }
    #expect(problems.allSatisfy { "\($0.actions)".contains("udp_l3mdev_accept=1") }, "\(problems)")
    #expect(Set(problems.map(\.check)) == (accept == 0 ? ["interface", "loopback", "reception"] : []))
  }

  @Test("rp_filter=1 and a sender whose way back is another one")
  func findsReversePath() async throws {
    let report = try await Self.examine { host in
      try host.run("ip link add eth1 type veth peer name other")
      try host.run("ip address add 10.78.0.1/24 dev eth1")
      try host.run("ip link set eth1 up")
      try host.run("ip link set other up")
      try host.run("sysctl -qw net.ipv4.conf.eth0.rp_filter=1")
      try host.send(from: "10.78.0.9", to: "239.1.1.1", port: 5001)
    }
    let faults = Self.faults(report)
    #expect(
      faults.contains("reverse-path: rp_filter=1 and the way back to 10.78.0.9 leads over eth1"), "\(faults)")
    #expect(faults.contains { $0.hasPrefix("reverse-path: the kernel dropped ") }, "\(faults)")
    #expect(faults.contains { $0.hasPrefix("reception: datagrams of 10.78.0.9 arrive") }, "\(faults)")
    #expect(faults.count == 3)
  }

  @Test("rp_filter=1 and a route back is sound")
  func acceptsStrictReversePath() async throws {
    let report = try await Self.examine { host in
      try host.run("sysctl -qw net.ipv4.conf.eth0.rp_filter=1")
      try host.send(from: "10.78.0.9", to: "239.1.1.1", port: 5001)
    }
    #expect(Self.faults(report) == [])
  }

  @Test("a bridge of this host that snoops without a querier")
  func findsBridgeWithoutQuerier() async throws {
    let report = try await Self.examine(Self.plan(.listed([.name("br0")]))) { host in
      try host.run("ip address flush dev eth0")
      try host.run("ip link add br0 type bridge mcast_snooping 1 mcast_querier 0")
      try host.atSwitch("ip link set br0 type bridge mcast_querier 0")
      try host.run("ip link set eth0 master br0")
      try host.run("ip address add 10.77.0.1/24 dev br0")
      try host.run("ip link set br0 up")
      try host.run("ip route replace default via 10.77.0.2")
    }
    #expect(
      Self.faults(report) == ["querier: br0 snoops, and there is no IGMP querier"], "\(report.findings)")
  }

  @Test("a switch without a querier, by its silence, and the wait is announced")
  func findsSwitchWithoutQuerier() async throws {
    let lines = try await DoctorHost.run { host in
      try host.atSwitch("ip link set br0 type bridge mcast_querier 0")
      var progress: [String] = []
      let report = Doctor.run(Self.plan()) { progress.append($0) }
      return Self.faults(report) + progress
    }
    #expect(
      lines == [
        "querier: no IGMP general query in 3 s", "listening to 239.1.1.1:5001 for 0.5 s",
        "waiting for a general query on eth0, at most 2.5 s: queriers send one every 125 s",
      ])
  }

  @Test("a port that somebody holds without SO_REUSEADDR, and who it is")
  func findsHeldPort() async throws {
    let report = try await DoctorHost.run { _ in
      let holder = try OwnedSocket(.ipv4)
      let any = Endpoint(.unspecified(.ipv4), port: 5001)
      #expect(any.withSockaddr { bind(holder.descriptor, $0, $1) } == 0)
      let report = Doctor.run(Self.plan()) { _ in }
      _ = consume holder
      return report
    }
    let faults = Self.faults(report)
    #expect(faults.count == 1, "\(report.findings)")
    #expect(faults.first?.hasPrefix("port: 239.1.1.1:5001 is held by ") == true)
    #expect(faults.first?.hasSuffix("[\(getpid())]") == true, "\(faults)")
  }

  @Test("a socket on the port that lost datagrams")
  func findsDrops() async throws {
    let report = try await DoctorHost.run { _ in
      let group = Self.plan().uses[0].group
      let idle = try MulticastReceiver(group: group, receiveBuffer: 1)
      let eth0 = try #require(try InterfaceTable.read()[name: "eth0"]).interface
      try idle.join(interfaceIndex: eth0.index)
      let sender = try MulticastSender(group: group, interface: eth0, options: .init(ttl: 0, loopback: true))
      for _ in 0..<50 { _ = sender.send([UInt8](repeating: 0, count: 500)) }
      #expect(idle.kernelDrops > 0)
      let report = Doctor.run(Self.plan()) { _ in }
      idle.leave(interfaceIndex: eth0.index)
      return report
    }
    #expect(Self.faults(report).count == 1)
    #expect(Self.faults(report).first?.contains("[\(getpid())] lost ") == true, "\(report.findings)")
  }

  @Test("a receive buffer beyond net.core.rmem_max")
  func findsSmallBuffer() async throws {
    var plan = Self.plan()
    plan.receiveBuffer = 1 << 30
    let report = try await Self.examine(plan)
    #expect(Self.faults(report).count == 1)
    #expect(Self.faults(report).first?.hasSuffix("of 1073741824 bytes are granted") == true)
    #expect(report.findings.contains { "\($0.actions)".contains("sysctl net.core.rmem_max=1073741824") })
  }

  @Test("TTL 0")
  func findsNoTTL() async throws {
    var plan = Self.plan()
    plan.ttl = 0
    let report = try await Self.examine(plan)
    #expect(Self.faults(report) == ["ttl: ttl 0"])
  }

  @Test("the limit of memberships, with the sysctl that raises it")
  func findsMembershipLimit() async throws {
    let report = try await Self.examine { try $0.run("sysctl -qw net.ipv4.igmp_max_memberships=0") }
    let finding = report.findings.first { $0.check == "membership" }
    #expect(finding?.status == .problem)
    #expect(finding?.found.contains("ENOBUFS") == true)
    #expect(finding?.actions.first?.contains("net.ipv4.igmp_max_memberships") == true)
  }

  @Test("an IPv6 group on a sound host is all ok; MLD has a querier of its own")
  func isSoundInIPv6() async throws {
    let group = Endpoint(IPAddress(family: .ipv6, high: 0xff15 << 48, low: 1), port: 5001)
    var plan = Self.plan()
    plan.uses[0].group = group
    let report = try await Self.examine(plan)
    #expect(report.findings.allSatisfy { $0.status == .ok }, "\(report.findings)")
    #expect(report.findings.contains { $0.found.contains("the MLDv") })
  }

  @Test("only lo: a warning for auto")
  func findsOnlyLoopback() async throws {
    let report = try await Self.examine(Self.plan(.automatic)) { try $0.run("ip link set eth0 down") }
    #expect(Self.faults(report).first == "interface: there is no other interface that is up")
  }
}
