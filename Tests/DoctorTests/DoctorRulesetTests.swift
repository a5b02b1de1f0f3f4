// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import Doctor
@testable import Platform

/// Whole rule sets of ufw 0.36, firewalld 1.3 and of hand, as nft 1.0.6 and iptables 1.8.9 print them.
struct DoctorRulesetTests {
  /// What may become of a packet.
  enum Answer: Equatable {
    case passes
    case perhaps
    case dropped

    init(_ judgement: Firewall.Judgement) {
      switch judgement {
      case .passes: self = .passes
      case .mayDrop: self = .perhaps
      case .drops: self = .dropped
      }
    }
  }

  static let folder = #filePath.dropLast("DoctorRulesetTests.swift".count) + "Rulesets"

  private static func chains(_ name: String) throws -> [FirewallChain] {
    if name.hasSuffix(".json") {
      return try #require(NftRuleset(json: Array(text(name).utf8))).chains
    }
    return IptablesRules.parse(try text(name), name.contains("ip6tables") ? .ipv6 : .ipv4)
  }

  private static func text(_ name: String) throws -> String {
    try #require(ProcFile.read("\(folder)/\(name)"), "\(folder)/\(name)")
  }

  private static func packet(
    _ direction: FirewallPacket.Direction, _ address: String, _ content: FirewallPacket.Content
  ) throws -> FirewallPacket {
    FirewallPacket(direction, "eth0", try #require(IPAddress(address)), content)
  }

  @Test(
    "heartbeats that come in",
    arguments: [
      ("accept-all-but-strangers.nft.json", Answer.perhaps),
      ("accept-by-changing-set.nft.json", .perhaps),
      ("accept-by-connection-mark.nft.json", .perhaps),
      ("accept-by-limit.nft.json", .perhaps),
      ("accept-by-mark.nft.json", .perhaps),
      ("accept-by-named-map.nft.json", .passes),
      ("accept-by-set.nft.json", .perhaps),
      ("accept-by-source-map.nft.json", .perhaps),
      ("accept-by-source.nft.json", .perhaps),
      ("accept-in-jump.nft.json", .perhaps),
      ("accept-some.nft.json", .perhaps),
      ("accept-names-like-sets.nft.json", .passes),
      ("drop-all-but-strangers.nft.json", .perhaps),
      ("drop-by-named-map.nft.json", .dropped),
      ("drop-by-policy.nft.json", .dropped),
      ("drop-in-jump.nft.json", .dropped),
      ("firewalld.nft.json", .dropped),
      ("firewalld-port.nft.json", .passes),
      ("firewalld-rich-source.nft.json", .perhaps),
      ("firewalld-source-zone.nft.json", .perhaps),
      ("firewalld-trusted.nft.json", .passes),
      ("ufw.iptables.txt", .dropped),
      ("ufw-allow-port.iptables.txt", .passes),
      ("ufw-allow-lan.iptables.txt", .perhaps),
      ("ufw-limit.iptables.txt", .perhaps),
      // Without what nft does not tell of the extensions of iptables, nothing is certain.
      ("ufw.nft.json", .perhaps),
      ("ufw-allow-port.nft.json", .perhaps),
    ])
  func judgesInput(name: String, expected: Answer) throws {
    let heartbeat = try Self.packet(.input, "239.1.1.1", .udp(port: 5001))
    #expect(Answer(Firewall.judge(heartbeat, by: try Self.chains(name))) == expected)
  }

  @Test(
    "heartbeats that come in by IPv6",
    arguments: [
      ("ufw.ip6tables.txt", Answer.dropped), ("ufw-allow-port.ip6tables.txt", .passes),
      ("ufw-limit.ip6tables.txt", .perhaps), ("drop-by-policy.nft.json", .dropped),
      ("accept-by-source.nft.json", .dropped),
      // The reverse path is asked for in a rule of its own, which may drop.
      ("firewalld-port.nft.json", .perhaps), ("firewalld.nft.json", .dropped),
    ])
  func judgesIPv6(name: String, expected: Answer) throws {
    let heartbeat = try Self.packet(.input, "ff15::1", .udp(port: 5001))
    #expect(Answer(Firewall.judge(heartbeat, by: try Self.chains(name))) == expected)
  }

  @Test(
    "general queries: neither ufw nor firewalld lets IGMP in, and MLD comes from link-local addresses",
    arguments: [
      ("ufw-allow-port.iptables.txt", "224.0.0.1", FirewallPacket.Content.igmp, Answer.dropped),
      ("ufw-allow-lan.iptables.txt", "224.0.0.1", .igmp, .perhaps),
      ("firewalld-port.nft.json", "224.0.0.1", .igmp, .dropped),
      ("firewalld-trusted.nft.json", "224.0.0.1", .igmp, .passes),
      ("ufw-allow-port.ip6tables.txt", "ff02::1", .icmpv6, .perhaps),
      ("firewalld-port.nft.json", "ff02::1", .icmpv6, .perhaps),
      ("drop-by-policy.nft.json", "ff02::1", .icmpv6, .dropped),
    ])
  func judgesQueries(
    name: String, address: String, content: FirewallPacket.Content, expected: Answer
  ) throws {
    let query = try Self.packet(.input, address, content)
    #expect(Answer(Firewall.judge(query, by: try Self.chains(name))) == expected)
  }

  @Test(
    "what goes out passes them all",
    arguments: [
      "ufw.iptables.txt", "ufw-limit.iptables.txt", "ufw.ip6tables.txt", "firewalld.nft.json",
      "firewalld-source-zone.nft.json", "drop-by-policy.nft.json",
    ])
  func judgesOutput(name: String) throws {
    let isIPv6 = name.contains("ip6tables")
    let heartbeat = try Self.packet(.output, isIPv6 ? "ff15::1" : "239.1.1.1", .udp(port: 5001))
    let report = try Self.packet(.output, isIPv6 ? "ff02::16" : "224.0.0.22", isIPv6 ? .icmpv6 : .igmp)
    #expect(Answer(Firewall.judge(heartbeat, by: try Self.chains(name))) == .passes)
    #expect(Answer(Firewall.judge(report, by: try Self.chains(name))) == .passes)
  }

  @Test("a doubt names the rule that it is about, and what drops otherwise")
  func namesDoubt() throws {
    let heartbeat = try Self.packet(.input, "239.1.1.1", .udp(port: 5001))
    guard
      case .mayDrop(let drop, let doubt) = Firewall.judge(
        heartbeat, by: try Self.chains("accept-by-source.nft.json"))
    else {
      Issue.record("not in doubt")
      return
    }
    #expect(drop.text == "nft inet filter input, policy drop")
    #expect(doubt?.text == "nft inet filter input, handle 3")
  }

  @Test("tables with extensions of iptables are told, since nft does not say what they ask for")
  func knowsOpaqueTables() throws {
    func scopes(_ name: String) throws -> Set<String> {
      try #require(NftRuleset(json: Array(Self.text(name).utf8))).opaqueScopes
    }
    #expect(try scopes("ufw.nft.json") == ["ip filter", "ip6 filter"])
    #expect(try scopes("firewalld.nft.json") == [])
  }
}
