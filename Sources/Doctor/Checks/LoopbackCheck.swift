// SPDX-License-Identifier: Apache-2.0

import Glibc
import Platform

extension DoctorCheck {
  /// Does the host receive its own datagrams on each interface?
  static let loopback = DoctorCheck(name: "loopback") { context in
    var seen: Set<PacketCapture.Place> = []
    return context.targets.filter { seen.insert($0.place).inserted }.map { examine($0, context) }
  }

  private static func examine(_ target: DoctorContext.Target, _ context: DoctorContext) -> Result {
    switch context.probe(target) {
    case .heard: .ok("heard what was sent to \(target.use.group)", on: target.name)
    case .unheard: unheard(target, context)
    case .untried(let found, let meaning): .unknown(found, on: target.name, meaning: meaning)
    case .refused(let error):
      .problem(
        "\(error)", on: target.name, meaning: "nothing can be sent there",
        action: error.errno == EPERM
          ? "let the firewall's output accept it" : "see what the other checks say of the interface")
    }
  }

  /// A missing own datagram proves little about those of others: a rule may match the source.
  private static func unheard(_ target: DoctorContext.Target, _ context: DoctorContext) -> Result {
    let found = "sent to \(target.use.group) and heard nothing"
    if context.hearsOthers(target) {
      return .warning(
        "\(found), though datagrams of other hosts arrive", on: target.name,
        meaning: "programs on this host do not hear one another, and mcastd cannot tell that it is heard",
        action: "let the firewall's input accept this host's own address on \(ShellWord(target.name).text)")
    }
    if let vrf = context.vrfWithoutL3mdevAccept(target) {
      return .problem(
        found, on: target.name, meaning: "what arrives in the VRF \(vrf) goes to no socket outside of it",
        action: "sysctl net.ipv4.udp_l3mdev_accept=1")
    }
    let packet = FirewallPacket(target, .input)
    switch context.judge(packet) {
    case .drops(let rule):
      return .problem(
        found, on: target.name, meaning: "the firewall drops it: \(rule.text)",
        action: "see what the firewall check says")
    case .mayDrop(let rule, _):
      return .warning(
        found, on: target.name,
        meaning: "the firewall drops it, most likely (\(rule.text)); others may be let through",
        action: rule.accepting(packet))
    case .passes:
      return .problem(
        found, on: target.name,
        meaning: context.firewall.gaps.isEmpty
          ? "it was lost inside this host, and no rule of the firewall drops it"
          : "it was lost inside this host, maybe in the firewall's input, which could not be read",
        action: "nft list ruleset, and iptables-save", "nstat -az shows the kernel's counters")
    }
  }
}
