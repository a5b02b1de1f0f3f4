// SPDX-License-Identifier: Apache-2.0

import Multicast
import Platform

extension DoctorCheck {
  /// Can the group be joined on the interface, and does the kernel list it (/proc/net/igmp, /proc/net/igmp6)?
  static let membership = DoctorCheck(name: "membership") { context in
    let after = ProcMembership.all()
    return context.targets.filter(\.use.receives).map { target in
      examine(target, after: after, context)
    }
  }

  private static func examine(
    _ target: DoctorContext.Target, after: [ProcMembership]?, _ context: DoctorContext
  ) -> Result {
    let group = target.use.group.address
    let index = target.interface.index
    guard let reception = context.receptions.first(where: { $0.use == target.use }), reception.receiver != nil
    else {
      return .unknown("\(group) could not be joined", on: target.name, meaning: "the port could not be had")
    }
    if let error = reception.joinErrors[index] { return refused(error, target) }
    let isSame = { (membership: ProcMembership) in
      membership.group == group && membership.interfaceIndex == index
    }
    guard let after else {
      return .unknown(
        "\(group) was joined", on: target.name, meaning: "the kernel's list in /proc/net is hidden")
    }
    guard let membership = after.first(where: isSame) else {
      return .problem(
        "\(group) was joined, but is not in the kernel's list", on: target.name,
        meaning: "the membership was lost at once", action: "look for what changes the interface: ip monitor")
    }
    let version = membership.igmpVersion
    if !context.plan.sources.isEmpty, group.family == .ipv4, version > 0, version < 3 {
      return .warning(
        "IGMPv\(version) is spoken", on: target.name,
        meaning:
          "routers and switches are not told of sources: all senders' traffic comes, and is filtered here",
        action: "let the querier speak IGMPv3",
        "or sysctl net.ipv4.conf.\(target.name.asSysctlPart).force_igmp_version=0")
    }
    let others = context.before.memberships?.first(where: isSame)?.users ?? 0
    let text = others == 0 ? "nobody else on this host is a member" : "\(others) other member(s) on this host"
    return .ok("\(group) can be joined; \(text)", on: target.name)
  }

  private static func refused(_ error: MulticastError, _ target: DoctorContext.Target) -> Result {
    let remedy = ErrnoAdvice.join(
      error.errno, family: target.use.group.address.family, interface: target.name.asSysctlPart)
    return .problem("\(error)", on: target.name, remedy: remedy)
  }
}
