// SPDX-License-Identifier: Apache-2.0

import Platform

extension DoctorCheck {
  /// Does a rule of nftables, or of the iptables before it, drop what is sent or received, or the IGMP and
  /// MLD that keep memberships alive? Observations overrule what follows from rules.
  static let firewall = DoctorCheck(name: "firewall") { context in
    var results: [Result] = []
    var seen: Set<String> = []
    var overruled = false
    for target in context.targets {
      for packet in packets(target) where seen.insert("\(packet)").inserted {
        var judgement = context.judge(packet)
        if case .passes = judgement { continue }
        let evidence = Evidence(packet, target, context)
        // The egress hook comes after the copy for this host was made.
        if evidence == .leaves { judgement = context.judge(packet) { !$0.seesLoopback } }
        let found = evidence == .allArrive ? nil : result(packet, target, judgement, evidence)
        if let found { results.append(found) } else { overruled = true }
      }
    }
    results += context.firewall.gaps.map { gap in
      Result(
        status: .unknown, found: gap.found, meaning: gap.meaning, actions: gap.action.map { [$0] } ?? [])
    }
    if !results.isEmpty { return results }
    if overruled { return [.ok("rules that may drop datagrams let through what is sent here")] }
    return [
      .ok(
        context.firewall.chains.isEmpty ? "there are no rules" : "no rule drops what is sent or received here"
      )
    ]
  }

  /// Observations that overrule deductions from rules.
  private enum Evidence {
    case none
    /// The loopback probe passed the output hook.
    case leaves
    /// Something was received: not everything is dropped.
    case someArrive
    /// All datagrams of other hosts reach a program.
    case allArrive

    init(_ packet: FirewallPacket, _ target: DoctorContext.Target, _ context: DoctorContext) {
      let isProbeHeard = if case .heard = context.probe(target) { true } else { false }
      switch (packet.content, packet.direction) {
      case (.udp, .output): self = isProbeHeard ? .leaves : .none
      case (.udp, .input):
        // Only this host sends on lo.
        let isHeard = target.interface.isLoopback ? isProbeHeard : context.hearsOthers(target)
        let isAll = isHeard && context.lost(target).isNone
        self = isAll ? .allArrive : isHeard || isProbeHeard ? .someArrive : .none
      default: self = .none
      }
    }
  }

  private static func packets(_ target: DoctorContext.Target) -> [FirewallPacket] {
    let family = target.use.group.address.family
    let membership: FirewallPacket.Content = family == .ipv4 ? .igmp : .icmpv6
    // 224.0.0.1 and ff02::1; 224.0.0.22 and ff02::16 (RFC 3376, 4.2.14; RFC 3810, 5.2.14)
    let isIPv4 = family == .ipv4
    let (high, low): (UInt64, UInt64) = isIPv4 ? (0, 0xe000_0000) : (0xff02_0000_0000_0000, 0)
    let everyone = IPAddress(family: family, high: high, low: low + 1)
    let reports = IPAddress(family: family, high: high, low: low + 0x16)
    var packets: [FirewallPacket] = []
    if target.use.receives {
      packets.append(FirewallPacket(target, .input))
      if !target.interface.isLoopback {
        packets.append(.init(.input, target.name, vrf: target.vrf, everyone, membership))
        packets.append(.init(.output, target.name, vrf: target.vrf, reports, membership))
      }
    }
    if target.use.sends { packets.append(FirewallPacket(target, .output)) }
    return packets
  }

  private static func result(
    _ packet: FirewallPacket, _ target: DoctorContext.Target, _ judgement: Firewall.Judgement,
    _ evidence: Evidence
  ) -> Result? {
    let (what, meaning) = describe(packet)
    switch judgement {
    case .passes: return nil
    case .mayDrop(let rule, let doubt): return mayDrop(packet, target, rule, doubt, what)
    case .drops(let rule) where evidence == .someArrive: return mayDrop(packet, target, rule, nil, what)
    case .drops(let rule):
      let found = "\(rule.text) drops \(what)"
      let action = "accept it first: \(rule.accepting(packet))"
      // Datagrams arrive all the same until a querier or snooping switch is in between.
      return switch packet.content {
      case .udp: .problem(found, on: target.name, meaning: meaning, action: action)
      case .igmp, .icmpv6: .warning(found, on: target.name, meaning: meaning, action: action)
      }
    }
  }

  private static func mayDrop(
    _ packet: FirewallPacket, _ target: DoctorContext.Target, _ rule: FirewallRule, _ doubt: FirewallRule?,
    _ what: String
  ) -> Result {
    let reason = doubt.flatMap { $0.text == rule.text ? nil : " (\($0.text))" } ?? ""
    return .unknown(
      "\(rule.text) may drop \(what)", on: target.name,
      meaning: "it depends on what cannot be judged from here, such as the source\(reason)",
      action: "to be sure, accept it first: \(rule.accepting(packet))")
  }

  private static func describe(_ packet: FirewallPacket) -> (what: String, meaning: String) {
    switch (packet.content, packet.direction) {
    case (.udp(let port), .input):
      ("what arrives for \(Endpoint(packet.destination, port: port))", "the datagrams reach no program")
    case (.udp(let port), .output):
      ("what is sent to \(Endpoint(packet.destination, port: port))", "heartbeats do not leave this host")
    case (_, .input):
      (
        "general queries (\(packet.content.name) to \(packet.destination))",
        "memberships are not renewed, and a switch that snoops stops the group after about 260 s"
      )
    case (_, .output):
      (
        "membership reports (\(packet.content.name) to \(packet.destination))",
        "switches and routers are not told that this host wants the group"
      )
    }
  }
}

extension FirewallPacket {
  /// A datagram of the target's group.
  init(_ target: DoctorContext.Target, _ direction: Direction) {
    let group = target.use.group
    self.init(direction, target.name, vrf: target.vrf, group.address, .udp(port: group.port))
  }
}
