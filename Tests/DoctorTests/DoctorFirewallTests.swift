// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Doctor
@testable import Platform

/// Rules as nft 1.0.6 and iptables 1.8.9 print them, judged without a kernel.
struct DoctorFirewallTests {
  enum Answer: String {
    case passes
    case dropped
    case perhaps
  }

  static let heartbeat = FirewallPacket(
    .input, "eth0", IPAddress(family: .ipv4, high: 0, low: 0xef01_0101), .udp(port: 5001))
  static let query = FirewallPacket(
    .input, "eth0", IPAddress(family: .ipv4, high: 0, low: 0xe000_0001), .igmp)

  static func answer(_ chains: [FirewallChain], _ packet: FirewallPacket = heartbeat) -> Answer {
    switch Firewall.judge(packet, by: chains) {
    case .passes: .passes
    case .mayDrop: .perhaps
    case .drops: .dropped
    }
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
        #"{"set":{\#(place),"name":"changing","flags":["timeout"],"elem":["239.1.1.1"]}}"#,
        #"{"set":{\#(place),"name":"eth0","type":"ifname","elem":["@eth0","@names","lo"]}}"#,
        #"{"set":{\#(place),"name":"names","type":"ifname","elem":["@names"]}}"#,
        #"{"map":{\#(place),"name":"ports","map":"verdict","elem":[["*",{"accept":null}],[5001,{"drop":null}]]}}"#,
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
      (match(payload("ip", "daddr"), #""@changing""#), .perhaps),
      (match(meta("iifname"), #""@names""#), .passes),
      (match(meta("iifname"), #""@eth0""#), .passes),
      (match(meta("oifname"), #""eth1""#, op: "!="), .perhaps),
      (match(payload("udp", "sport"), "5001"), .perhaps),
      (match(payload("udp", "dport"), "1024", op: ">="), .dropped),
      (match(payload("udp", "dport"), "1024", op: "<"), .passes),
      (match(payload("tcp", "dport"), "5001", op: "!="), .passes),
      (match(payload("icmpv6", "type"), #""mld-listener-query""#, op: "!="), .passes),
      (match(payload("ip", "ttl"), "1"), .perhaps),
      (match(#"{"exthdr":{"name":"rt","field":"type"}}"#, "0"), .passes),
      (match(#"{"ct":{"key":"status"}}"#, #""dnat""#, op: "in"), .passes),
      (match(#"{"ct":{"key":"mark"}}"#, "1"), .perhaps),
      (
        match(
          #"{"concat":[{"meta":{"key":"iifname"}},{"payload":{"protocol":"udp","field":"dport"}}]}"#,
          #"{"set":[{"concat":["eth0",5001]}]}"#), .dropped
      ),
      (
        match(
          #"{"concat":[{"payload":{"protocol":"ip","field":"saddr"}},{"payload":{"protocol":"udp","field":"dport"}}]}"#,
          #"{"set":[{"concat":["10.0.0.1",5001]},{"concat":["10.0.0.2",5002]}]}"#), .perhaps
      ),
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

  @Test("an accept before the drop or the policy decides, and one that may be makes the drop a perhaps")
  func judgesOrder() throws {
    let drop = #"{"drop":null}"#
    let accept = Self.match(Self.payload("udp", "dport"), "5001") + #",{"accept":null}"#
    #expect(Self.answer(try Self.nft([accept, drop])) == .passes)
    #expect(Self.answer(try Self.nft([drop, accept])) == .dropped)
    #expect(Self.answer(try Self.nft([accept], policy: "drop")) == .passes)
    #expect(Self.answer(try Self.nft([accept], policy: "drop"), Self.query) == .dropped)
    #expect(Self.answer([]) == .passes)
  }

  @Test(
    "whatever may accept before the policy, the drop is a perhaps",
    arguments: [
      match(payload("ip", "saddr"), #"{"prefix":{"addr":"10.0.0.0","len":8}}"#),
      match(payload("ip", "saddr"), #""@changing""#), match(meta("mark"), "7"),
      match(#"{"ct":{"key":"mark"}}"#, "7"), #"{"limit":{"rate":10,"per":"second"}}"#,
      #"{"xt":{"type":"match","name":"recent"}}"#, match(payload("udp", "dport"), #""@unheard-of""#),
      match(payload("ether", "saddr"), #""00:11:22:33:44:55""#),
    ])
  func doubtsBeforePolicy(condition: String) throws {
    for verdict in [#"{"accept":null}"#, #"{"return":null}"#] {
      let rules = ["\(condition),\(verdict)"]
      let expected: Answer = verdict.contains("accept") ? .perhaps : .dropped
      #expect(Self.answer(try Self.nft(rules, policy: "drop")) == expected)
      #expect(Self.answer(try Self.nft(rules + [#"{"drop":null}"#])) == .perhaps)
    }
  }

  @Test(
    "what decides elsewhere is a perhaps, and so is what comes behind it",
    arguments: [
      #"{"queue":{"num":1}}"#, #"{"queue":null}"#, #"{"fwd":{"dev":"eth1"}}"#,
      #"{"xt":{"type":"target","name":"NFQUEUE"}}"#, #"{"jump":{"target":"unheard-of"}}"#,
      #"{"vmap":{"key":{"meta":{"key":"mark"}},"data":"@unheard-of"}}"#, #"{"something":"new"}"#,
    ])
  func doubtsOthers(statement: String) throws {
    #expect(Self.answer(try Self.nft([statement])) == .perhaps)
    #expect(Self.answer(try Self.nft([statement], policy: "drop")) == .perhaps)
  }

  @Test("another destination, or none that is tracked, makes perhapses of what asks for it")
  func doubtsTranslated() throws {
    let toGroup = Self.match(Self.payload("ip", "daddr"), #""239.1.1.1""#) + #",{"drop":null}"#
    let new = Self.match(#"{"ct":{"key":"state"}}"#, #""new""#) + #",{"drop":null}"#
    let other = Self.match(Self.payload("tcp", "dport"), "80") + ","
    #expect(Self.answer(try Self.nft([#"{"dnat":{"addr":"10.0.0.1"}}"#, toGroup])) == .passes)
    #expect(
      Self.answer(try Self.nft([#"{"mangle":{"key":\#(Self.payload("ip", "daddr")),"value":1}}"#, toGroup]))
        == .perhaps)
    #expect(Self.answer(try Self.nft([other + #"{"dnat":{"addr":"10.0.0.1"}}"#, toGroup])) == .dropped)
    #expect(Self.answer(try Self.nft([#"{"notrack":null}"#, new])) == .perhaps)
    #expect(Self.answer(try Self.nft([other + #"{"notrack":null}"#, new])) == .dropped)
  }

  @Test("a port of a VRF may pass as either of the two")
  func doubtsVRF() throws {
    let packet = FirewallPacket(
      .input, "eth0", vrf: "blue", IPAddress(family: .ipv4, high: 0, low: 0xef01_0101), .udp(port: 5001))
    let drop = { (name: String) in [Self.match(Self.meta("iifname"), name) + #",{"drop":null}"#] }
    #expect(Self.answer(try Self.nft(drop(#""eth0""#)), packet) == .perhaps)
    #expect(Self.answer(try Self.nft(drop(#""blue""#)), packet) == .perhaps)
    #expect(Self.answer(try Self.nft(drop(#""eth1""#)), packet) == .passes)
    #expect(Self.answer(try Self.nft(drop(#"{"set":["eth1","lo"]}"#)), packet) == .passes)
  }

  @Test("chains that jump in a circle, or deeper than the kernel does, are a perhaps and come to an end")
  func endsRecursion() throws {
    var objects = [#"{"chain":{"family":"ip","table":"t","name":"c0","hook":"input","policy":"accept"}}"#]
    for number in 1...100 {
      objects.append(#"{"chain":{"family":"ip","table":"t","name":"c\#(number)"}}"#)
    }
    for number in 0..<100 {
      // Two jumps each: 2^100 ways, if each were gone.
      for _ in 0..<2 {
        objects.append(
          #"{"rule":{"family":"ip","table":"t","chain":"c\#(number)","expr":[{"jump":{"target":"c\#(number + 1)"}}]}}"#
        )
      }
    }
    let deep = #"{"nftables":[\#(objects.joined(separator: ","))]}"#
    #expect(Self.answer(try #require(NftRuleset(json: Array(deep.utf8))).chains) == .perhaps)
    let circle = #"{"jump":{"target":"input"}}"#
    #expect(Self.answer(try Self.nft([circle, circle])) == .perhaps)
  }

  @Test("a chain of some devices is of no others")
  func judgesDevices() throws {
    func ruleset(_ devices: String) throws -> [FirewallChain] {
      let chain =
        #"{"chain":{"family":"netdev","table":"t","name":"c","dev":\#(devices),"hook":"ingress","policy":"drop"}}"#
      return try #require(NftRuleset(json: Array(#"{"nftables":[\#(chain)]}"#.utf8))).chains
    }
    #expect(Self.answer(try ruleset(#""eth0""#)) == .dropped)
    #expect(Self.answer(try ruleset(#"["eth1","eth0"]"#)) == .dropped)
    #expect(Self.answer(try ruleset(#"["eth1","eth2"]"#)) == .passes)
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
    let others = #"["*",{"drop":null}]"#
    #expect(Self.answer(try Self.nft([map(others + #",["eth0",{"continue":null}]"#)])) == .passes)
    #expect(Self.answer(try Self.nft([map(others + #",["eth1",{"accept":null}]"#)])) == .dropped)
    let named = #"{"vmap":{"key":{"payload":{"protocol":"udp","field":"dport"}},"data":"@ports"}}"#
    #expect(Self.answer(try Self.nft([named])) == .dropped)
    #expect(Self.answer(try Self.nft([named], policy: "drop"), Self.query) == .dropped)
  }

  @Test("what is no ruleset is refused, what is not understood in one a perhaps")
  func survivesNoise() throws {
    #expect(NftRuleset(json: Array("nonsense".utf8)) == nil)
    #expect(NftRuleset(json: Array(#"{"a":1}"#.utf8)) == nil)
    #expect(Self.answer(try Self.nft([#"{"new":1,"thing":2}"#, "7", #""x""#])) == .perhaps)
    #expect(Self.answer(try Self.nft([#"{"match":{}},{"drop":null}"#])) == .perhaps)
  }
}
