// SPDX-License-Identifier: Apache-2.0

import Glibc
import Multicast

extension DoctorCheck {
  /// Does a rule of nftables, or of the iptables before it, drop what is sent or received, or the IGMP and MLD that
  /// keep memberships alive?
  static let firewall = DoctorCheck(name: "firewall") { context in
    let chains: [FirewallChain]
    switch Firewall.read() {
    case .success(let read): chains = read
    case .failure(let reason):
      return [
        .unknown(
          "the rules cannot be read: \(reason.text)", meaning: "it takes CAP_NET_ADMIN",
          action: "run it as root")
      ]
    }
    var results: [Result] = []
    for (packet, name) in packets(context) {
      let verdict = Firewall.judge(packet, by: chains)
      guard let rule = verdict.rule else { continue }
      results.append(result(packet, on: name, rule: rule, isCertain: verdict.isCertain))
    }
    if !results.isEmpty { return results }
    return [.ok(chains.isEmpty ? "there are no rules" : "no rule drops what is sent or received here")]
  }

  private static func packets(_ context: DoctorContext) -> [(FirewallPacket, String)] {
    var seen: Set<String> = []
    return context.targets.flatMap { target -> [(FirewallPacket, String)] in
      let family = target.use.group.address.family
      let membership: FirewallPacket.Content = family == .ipv4 ? .igmp : .icmpv6
      let everyone = IPAddress(family == .ipv4 ? "224.0.0.1" : "ff02::1") ?? target.use.group.address
      let reports = IPAddress(family == .ipv4 ? "224.0.0.22" : "ff02::16") ?? target.use.group.address
      let group = target.use.group
      var packets: [FirewallPacket] = []
      if target.use.receives {
        packets.append(.init(.input, target.name, group.address, .udp(port: group.port)))
        if !target.interface.isLoopback {
          packets.append(.init(.input, target.name, everyone, membership))
          packets.append(.init(.output, target.name, reports, membership))
        }
      }
      if target.use.sends {
        packets.append(.init(.output, target.name, group.address, .udp(port: group.port)))
      }
      return packets.filter { seen.insert("\($0)").inserted }.map { ($0, target.name) }
    }
  }

  private static func result(
    _ packet: FirewallPacket, on name: String, rule: FirewallRule, isCertain: Bool
  ) -> Result {
    let what: String
    let meaning: String
    switch (packet.content, packet.direction) {
    case (.udp(let port), .input):
      what = "what arrives for \(Endpoint(packet.destination, port: port))"
      meaning = "the datagrams reach no program"
    case (.udp(let port), .output):
      what = "what is sent to \(Endpoint(packet.destination, port: port))"
      meaning = "heartbeats do not leave this host"
    case (_, .input):
      what = "general queries (\(packet.content.name) to \(packet.destination))"
      meaning = "memberships are not renewed, and a switch that snoops stops the group after about 260 s"
    case (_, .output):
      what = "membership reports (\(packet.content.name) to \(packet.destination))"
      meaning = "switches and routers are not told that this host wants the group"
    }
    guard isCertain else {
      return .unknown(
        "\(rule.text) may drop \(what)", on: name, meaning: "it depends on what cannot be judged from here")
    }
    return .problem(
      "\(rule.text) drops \(what)", on: name, meaning: meaning,
      action: "accept it first: \(rule.accepting(packet))")
  }
}
