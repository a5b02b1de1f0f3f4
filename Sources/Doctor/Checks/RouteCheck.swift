// SPDX-License-Identifier: Apache-2.0

import Multicast
import Platform

extension DoctorCheck {
  /// Where does the route to the group lead?
  ///
  /// mcastd names the interface on every join and send and needs none, but `auto` follows it, and so does
  /// every other program on the host.
  static let route = DoctorCheck(name: "route") { context in
    var seen: Set<IPAddress> = []
    return context.plan.uses.filter { seen.insert($0.group.address).inserted }.map { use in
      examine(use.group.address, use: use, context)
    }
  }

  private static func examine(
    _ group: IPAddress, use: DoctorPlan.Use, _ context: DoctorContext
  ) -> Result {
    let used = context.targets.filter { $0.use.group.address == group }.map(\.interface)
    let command = group.family == .ipv4 ? "ip route add 224.0.0.0/4" : "ip -6 route add ff00::/8 table local"
    let device = used.first { !$0.isLoopback }.map { ShellWord($0.name).text } ?? "NAME"
    let index: UInt32?
    do throws(MulticastError) {
      index = try RouteQuery.interfaceIndex(to: group)
    } catch {
      return .unknown("\(error)", meaning: "the kernel does not answer")
    }
    let interface = index.flatMap { context.table[index: $0]?.interface }
    // It does not matter for traffic within this host.
    if !used.isEmpty, used.allSatisfy(\.isLoopback), case .listed = use.interfaces {
      let route = interface.map { "\(group) is routed to \($0.name)" } ?? "no route to \(group)"
      return .ok("\(route); mcastd names lo and needs none")
    }
    guard let index, let interface else {
      return .warning(
        "no route to \(group)",
        meaning:
          "mcastd names its interface and does without; `auto` can only guess, and programs that name none "
          + "fail with ENETUNREACH or ENODEV",
        action: "\(command) dev \(device)")
    }
    if used.isEmpty || used.contains(where: { $0.index == index }) {
      return .ok("\(group) is routed to \(interface.name)")
    }
    return .warning(
      "\(group) is routed to \(interface.name)",
      meaning:
        "mcastd uses \(used.map(\.name).joined(separator: ", ")); "
        + "programs that name no interface use another",
      action: "\(command) dev \(device), unless that is what you want")
  }
}
