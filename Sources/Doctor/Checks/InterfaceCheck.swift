// SPDX-License-Identifier: Apache-2.0

import Multicast
import Platform

extension DoctorCheck {
  /// Is the interface there, up, with a carrier, the MULTICAST flag and an address of the group's family?
  static let interface = DoctorCheck(name: "interface") { context in
    var results: [Result] = []
    for use in context.plan.uses {
      for missing in InterfacePlan.missing(use.interfaces, in: context.table.interfaces) {
        results.append(
          .problem(
            "no interface \(missing)", meaning: "mcastd waits for it and neither sends nor hears there",
            action: advice(context.table)))
      }
      if case .automatic = use.interfaces, !context.targets.contains(where: { $0.use == use }) {
        results.append(
          .problem(
            "no interface is up", meaning: "mcastd waits for one", action: "ip link set NAME up"))
      }
    }
    var seen: Set<String> = []
    for target in context.targets
    where seen.insert("\(target.name) \(target.use.group.address.family)").inserted {
      results += examine(target, context)
    }
    return results
  }

  private static func examine(_ target: DoctorContext.Target, _ context: DoctorContext) -> [Result] {
    let interface = target.interface
    let name = interface.name
    let word = ShellWord(name).text
    guard interface.isUp else {
      return [
        .problem(
          "is down", on: name, meaning: "nothing is sent or heard on it", action: "ip link set \(word) up")
      ]
    }
    var results: [Result] = []
    if !target.entry.hasCarrier {
      results.append(
        .problem(
          "has no carrier", on: name, meaning: "nothing is sent or heard on it",
          action: "look at the cable, the switch or the other end"))
    }
    if interface.isLoopback {
      results.append(loopback(target))
    } else if !interface.isMulticastCapable {
      results.append(
        .problem(
          "lacks the MULTICAST flag", on: name,
          meaning: "the kernel passes no groups to its driver, and routes none over it",
          action: "ip link set \(word) multicast on", "or another interface"))
    }
    if let vrf = context.vrfWithoutL3mdevAccept(target) {
      results.append(
        .problem(
          "is a port of the VRF \(vrf), and udp_l3mdev_accept is 0", on: name,
          meaning: "what arrives on it goes to sockets that are bound to the VRF, and mcastd's are not",
          action: "sysctl net.ipv4.udp_l3mdev_accept=1, and in /etc/sysctl.d to keep it",
          "or run it by ip vrf exec \(ShellWord(vrf).text)"))
    }
    results += addresses(target)
    if results.isEmpty {
      let shown = interface.addresses.map(\.description).joined(separator: ", ")
      let ports = target.ports.isEmpty ? "" : "; \(target.ports.joined(separator: ", ")) is a port of it"
      results = [.ok("up, multicast-capable, \(shown)\(ports)", on: name)]
    }
    return results
  }

  private static func loopback(_ target: DoctorContext.Target) -> Result {
    if target.use.group.address.family == .ipv6 {
      return .problem(
        "is the loopback interface", on: target.name,
        meaning: "Linux does not carry IPv6 multicast on it", action: "another interface", "or an IPv4 group")
    }
    if case .automatic = target.use.interfaces {
      return .warning(
        "there is no other interface that is up", on: target.name,
        meaning: "only programs on this host hear and are heard", action: "ip link set NAME up")
    }
    return .ok("up; only programs on this host hear and are heard", on: target.name)
  }

  private static func addresses(_ target: DoctorContext.Target) -> [Result] {
    let family = target.use.group.address.family
    let own = target.interface.addresses.filter { $0.family == family }
    if target.interface.isLoopback && family == .ipv6 { return [] }
    guard !own.isEmpty else {
      let word = ShellWord(target.name).text
      let meaning =
        family == .ipv4
        ? "datagrams leave with the address of another interface, or 0.0.0.0, and IGMP reports likewise"
        : "nothing can be sent from it"
      let action =
        family == .ipv4
        ? "ip address add ADDRESS/LENGTH dev \(word)"
        : "sysctl net.ipv6.conf.\(target.name.asSysctlPart).disable_ipv6=0, and a link-local address"
      return [.problem("has no \(family.name) address", on: target.name, meaning: meaning, action: action)]
    }
    guard own.allSatisfy(target.entry.tentativeAddresses.contains) else { return [] }
    return [
      .warning(
        "its addresses are tentative", on: target.name,
        meaning: "IPv6 still asks whether they are free (RFC 4862), and nothing can be sent until it knows",
        action: "ask again in 2 s: if it stays so, another host has the address")
    ]
  }

  private static func advice(_ table: InterfaceTable) -> String {
    let names = table.interfaces.filter { !$0.isLoopback }.prefix(10).map(\.name)
    return names.isEmpty
      ? "bring it up: there is no interface but lo now"
      : "name one of \(names.joined(separator: ", ")), or bring it up"
  }
}
