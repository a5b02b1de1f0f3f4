// SPDX-License-Identifier: Apache-2.0

import Platform

extension DoctorCheck {
  /// Does the TTL take heartbeats as far as the group's scope lets them go (RFC 2365, RFC 5771, RFC 4291)?
  static let ttl = DoctorCheck(name: "ttl") { context in
    var seen: Set<IPAddress> = []
    return context.plan.uses.filter { $0.sends && seen.insert($0.group.address).inserted }.map {
      examine($0.group.address, ttl: Int(context.plan.ttl))
    }
  }

  private static func examine(_ group: IPAddress, ttl: Int) -> Result {
    if ttl == 0 {
      return .problem(
        "ttl 0", meaning: "heartbeats never leave this host",
        action: "ttl=1 for the local network, more for routers in between")
    }
    switch group.multicastScope {
    case .interfaceLocal:
      return .problem(
        "\(group) has the scope of one interface", meaning: "what is sent to it never leaves this host",
        action: "a group of link-local (ff02::) or wider scope")
    case .linkLocal where ttl > 1:
      return .ok("ttl \(ttl), but \(group) is of link-local scope: no router forwards it")
    case .linkLocal:
      return .ok("ttl \(ttl) and a group of link-local scope: the local network")
    default:
      return ttl == 1
        ? .ok("ttl 1: the local network, and no router beyond it")
        : .ok("ttl \(ttl): as far as \(ttl - 1) multicast router(s)")
    }
  }
}
