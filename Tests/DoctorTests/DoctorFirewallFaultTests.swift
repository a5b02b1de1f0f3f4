// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Doctor

/// Rules of nftables in force, found by the doctor.
@Suite(.serialized, .enabled(if: DoctorHost.isAvailable, Comment(rawValue: DoctorHost.needs)))
struct DoctorFirewallFaultTests {
  @Test(
    "a rule of nftables that drops what comes in",
    arguments: [
      "ip daddr 239.1.1.1 drop", "udp dport 5000-5010 drop",
      "iifname eth0 ip daddr 224.0.0.0/4 udp dport 5001 reject",
    ])
  func findsDropRule(rule: String) async throws {
    let report = try await DoctorFaultTests.examine { host in
      try host.run("nft add table inet filter")
      try host.run(["nft", "add chain inet filter input { type filter hook input priority 0; }"])
      try host.run(["nft", "add rule inet filter input \(rule)"])
    }
    let faults = DoctorFaultTests.faults(report)
    #expect(faults.count == 2, "\(report.findings)")
    #expect(
      faults.first?.hasPrefix("firewall: nft inet filter input, handle 2 drops what arrives for") == true)
    #expect(faults.last == "loopback: sent to 239.1.1.1:5001 and heard nothing")
  }

  @Test("what the firewall check advises makes it sound")
  func advisesWell() async throws {
    let report = try await DoctorHost.run { host in
      try host.run("nft add table inet filter")
      try host.run(["nft", "add chain inet filter input { type filter hook input priority 0; policy drop; }"])
      let sick = Doctor.run(DoctorFaultTests.plan()) { _ in }
      for finding in sick.findings where finding.check == "firewall" {
        try host.run(String(try #require(finding.actions.first).dropFirst("accept it first: ".count)))
      }
      return Doctor.run(DoctorFaultTests.plan()) { _ in }
    }
    #expect(DoctorFaultTests.faults(report) == [])
  }

  @Test("a rule of nftables that keeps heartbeats from going out")
  func findsOutputRule() async throws {
    let report = try await DoctorFaultTests.examine { host in
      try host.run("nft add table ip mine")
      try host.run(["nft", "add chain ip mine out { type filter hook output priority 0; }"])
      try host.run(["nft", "add rule ip mine out ip daddr 239.1.1.1 drop"])
    }
    let faults = DoctorFaultTests.faults(report)
    #expect(
      faults.contains { $0.hasPrefix("firewall: nft ip mine out, handle 2 drops what is sent") }, "\(faults)")
    #expect(faults.contains { $0.contains("EPERM") }, "\(faults)")
  }
}
