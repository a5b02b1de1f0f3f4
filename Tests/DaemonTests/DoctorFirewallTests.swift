// SPDX-License-Identifier: Apache-2.0

import Multicast
import Testing

@testable import Daemon

/// Rules as nft 1.0.6 and iptables 1.8.9 print them, judged without a kernel.
struct DoctorFirewallTests {
  enum Answer: String {
    case passes
    case dropped
    case perhaps
  }

  private static let heartbeat = FirewallPacket(
    .input, "eth0", IPAddress(family: .ipv4, high: 0, low: 0xef01_0101), .udp(port: 5001))
  private static let query = FirewallPacket(
    .input, "eth0", IPAddress(family: .ipv4, high: 0, low: 0xe000_0001), .igmp)

  private static func answer(_ chains: [FirewallChain], _ packet: FirewallPacket = heartbeat) -> Answer {
    let judgement = Firewall.judge(packet, by: chains)
    return judgement.rule == nil ? .passes : judgement.isCertain ? .dropped : .perhaps
  }

  /// One base chain `input` with rules of the expressions given, beside a chain `other` that drops.
  private static func nft(_ rules: [String], policy: String = "accept") throws -> [FirewallChain] {
    let place = #""family":"inet","table":"filter""#
    let objects =
      [
        #"{"metainfo":{"version":"1.0.6"}}"#,
        #"{"table":{"family":"inet","name":"filter","handle":1}}"#,
        #"{"chain":{\#(place),"name":"input","handle":1,"type":"filter","hook":"input","prio":0,"policy":"\#(policy)"}}"#,
        #"{"chain":{\#(place),"name":"other","handle":2}}"#,
        #"{"set":{\#(place),"name":"groups","elem":[{"prefix":{"addr":"239.1.0.0","len":16}},"224.0.0.251"]}}"#,
        #"{"rule":{\#(place),"chain":"other","handle":9,"expr":[{"counter":{}},{"drop":null}]}}"#,
      ] + rules.map { #"{"rule":{\#(place),"chain":"input","handle":3,"comment":"x","expr":[\#($0)]}}"# }
    let text = #"{"nftables":[\#(objects.joined(separator: ","))]}"#
    return try #require(NftRuleset(json: Array(text.utf8))).chains
  }

  private static func match(_ left: String, _ right: String, op: String = "==") -> String {
    #"{"match":{"op":"\#(op)","left":\#(left),"right":\#(right)}}"#
  }

  private static func payload(_ proto: String, _ field: String) -> String {
    #"{"payload":{"protocol":"\#(proto)","field":"\#(field)"}}"#
  }

  private static func meta(_ key: String) -> String { #"{"meta":{"key":"\#(key)"}}"# }

  @Test(
    "a drop is found where its matches hold, and only there",
    arguments: [
      (match(payload("ip", "daddr"), #""239.1.1.1""#), Answer.dropped),
      (match(payload("ip", "daddr"), #""239.1.1.2""#), .passes),
      (match(payload("ip", "daddr"), #""239.1.1.1""#, op: "!="), .passes),
      (match(payload("ip", "daddr"), #"{"prefix":{"addr":"224.0.0.0","len":4}}"#), .dropped),
      (match(payload("ip", "daddr"), #"{"range":["239.0.0.0","239.1.1.1"]}"#), .dropped),
      (match(payload("ip", "daddr"), #""@groups""#), .dropped),
      (match(payload("ip", "daddr"), #""@unknown""#), .perhaps),
      (match(payload("ip6", "daddr"), #""ff15::1""#), .passes),
      (match(payload("ip", "saddr"), #""10.0.0.5""#), .perhaps),
      (match(payload("ip", "protocol"), #""udp""#), .dropped),
      (match(payload("udp", "dport"), "5001"), .dropped),
      (match(payload("udp", "dport"), #"{"set":[53,{"range":[5000,5010]}]}"#), .dropped),
      (match(payload("udp", "dport"), #"{"set":[53,67]}"#), .passes),
      (match(payload("tcp", "dport"), "5001"), .passes),
      (match(meta("iifname"), #""eth0""#), .dropped),
      (match(meta("iifname"), #""eth*""#), .dropped),
      (match(meta("iifname"), #""lo""#, op: "!="), .dropped),
      (match(meta("oifname"), #""eth0""#), .passes),
      (match(meta("l4proto"), #"{"set":["tcp","udp"]}"#), .dropped),
      (match(meta("nfproto"), #""ipv6""#), .passes),
      (match(meta("pkttype"), #""multicast""#), .dropped),
      (match(meta("mark"), "1"), .perhaps),
      (match(#"{"ct":{"key":"state"}}"#, #"["established","related"]"#, op: "in"), .passes),
      (match(#"{"ct":{"key":"state"}}"#, #""new""#, op: "in"), .dropped),
      (match(#"{"fib":{"result":"type","flags":["daddr"]}}"#, #""multicast""#), .dropped),
      (#"{"limit":{"rate":10,"per":"second"}}"#, .perhaps),
      (#"{"xt":null}"#, .perhaps),
      (#"{"counter":{"packets":1,"bytes":2}}"#, .dropped),
    ])
  func judgesMatches(match: String, expected: Answer) throws {
    #expect(Self.answer(try Self.nft([#"\#(match),{"drop":null}"#])) == expected)
  }

  @Test("an accept before the drop or the policy decides, a perhaps does not")
  func judgesOrder() throws {
    let drop = #"{"drop":null}"#
    let accept = Self.match(Self.payload("udp", "dport"), "5001") + #",{"accept":null}"#
    let perhaps = #"{"xt":null},{"accept":null}"#
    #expect(Self.answer(try Self.nft([accept, drop])) == .passes)
    #expect(Self.answer(try Self.nft([drop, accept])) == .dropped)
    #expect(Self.answer(try Self.nft([accept], policy: "drop")) == .passes)
    #expect(Self.answer(try Self.nft([accept], policy: "drop"), Self.query) == .dropped)
    #expect(Self.answer(try Self.nft([perhaps], policy: "drop")) == .dropped)
    #expect(Self.answer([]) == .passes)
  }

  @Test("jumps, gotos, returns and verdict maps are followed")
  func followsJumps() throws {
    let jump = #"{"jump":{"target":"other"}}"#
    let maybeJump = #"{"xt":null},{"jump":{"target":"other"}}"#
    #expect(Self.answer(try Self.nft([jump])) == .dropped)
    #expect(Self.answer(try Self.nft([maybeJump])) == .perhaps)
    #expect(Self.answer(try Self.nft([#"{"return":null}"#, jump])) == .passes)
    #expect(Self.answer(try Self.nft([#"{"goto":{"target":"other"}}"#])) == .dropped)
    let map = { (entries: String) in
      #"{"vmap":{"key":{"meta":{"key":"iifname"}},"data":{"set":[\#(entries)]}}}"#
    }
    #expect(Self.answer(try Self.nft([map(#"["eth0",{"drop":null}]"#)])) == .dropped)
    #expect(Self.answer(try Self.nft([map(#"["lo",{"drop":null}]"#)])) == .passes)
    #expect(Self.answer(try Self.nft([map(#"["eth0",{"accept":null}]"#)], policy: "drop")) == .passes)
    #expect(Self.answer(try Self.nft([map(#"["eth0",{"jump":{"target":"other"}}]"#)])) == .dropped)
  }

  @Test("what is no ruleset is refused, what is none of ours passed over")
  func survivesNoise() throws {
    #expect(NftRuleset(json: Array("nonsense".utf8)) == nil)
    #expect(NftRuleset(json: Array(#"{"a":1}"#.utf8)) == nil)
    #expect(Self.answer(try Self.nft([#"{"new":1,"thing":2}"#, "7", #""x""#])) == .passes)
    #expect(Self.answer(try Self.nft([#"{"match":{}},{"drop":null}"#])) == .perhaps)
  }

  private static func iptables(_ rules: String, policy: String = "ACCEPT") -> [FirewallChain] {
    IptablesRules.parse(
      "# Generated\n*filter\n:INPUT \(policy) [1:2]\n:OUTPUT ACCEPT [0:0]\n:mine - [0:0]\n\(rules)\nCOMMIT\n",
      .ipv4)
  }

  @Test(
    "rules of iptables are judged as well",
    arguments: [
      ("-A INPUT -d 239.1.1.1/32 -p udp -m udp --dport 5001 -j DROP", Answer.dropped),
      ("-A INPUT -d 239.1.1.2/32 -j DROP", .passes),
      ("-A INPUT ! -i lo -j REJECT --reject-with icmp-port-unreachable", .dropped),
      ("-A INPUT -i eth+ -p udp -m multiport --dports 53,5000:5010 -j DROP", .dropped),
      ("-A INPUT -p tcp -m tcp --dport 5001 -j DROP", .passes),
      ("-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j DROP", .passes),
      ("-A INPUT -m comment --comment \"no -j ACCEPT here\" -j DROP", .dropped),
      ("-A INPUT -m recent --name x --rcheck -j DROP", .perhaps),
      ("-A INPUT -j mine\n-A mine -m pkttype --pkt-type multicast -j DROP", .dropped),
      ("-A INPUT -j mine\n-A mine -j RETURN\n-A mine -j DROP", .passes),
      ("-A INPUT -j LOG --log-prefix drop\n-A OUTPUT -j DROP", .passes),
    ])
  func judgesIptables(rules: String, expected: Answer) {
    #expect(Self.answer(Self.iptables(rules)) == expected)
  }

  @Test("the policy of iptables is judged, and IPv4's rules not applied to IPv6")
  func judgesPolicy() {
    #expect(Self.answer(Self.iptables("", policy: "DROP")) == .dropped)
    #expect(Self.answer(Self.iptables("-A INPUT -p igmp -j ACCEPT", policy: "DROP"), Self.query) == .passes)
    let ipv6 = FirewallPacket(
      .input, "eth0", IPAddress(family: .ipv6, high: 0xff15 << 48, low: 1), .udp(port: 1))
    #expect(Self.answer(Self.iptables("", policy: "DROP"), ipv6) == .passes)
  }
}
