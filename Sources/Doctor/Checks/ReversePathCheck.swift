// SPDX-License-Identifier: Apache-2.0

import Multicast
import Platform

extension DoctorCheck {
  /// Does the kernel drop datagrams because the way back to their source leads elsewhere (rp_filter,
  /// Documentation/networking/ip-sysctl.rst)? Packet captures see them, programs do not.
  static let reversePath = DoctorCheck(name: "reverse-path") { context in
    // The kernel has no such filter for IPv6.
    let targets = context.targets.filter { $0.use.receives && $0.use.group.address.family == .ipv4 }
    guard !targets.isEmpty else { return [] }
    var results: [Result] = []
    for target in targets where !target.interface.isLoopback { results.append(examine(target, context)) }
    if let drops = context.listening.reversePathDrops, drops > 0 {
      let found =
        "the kernel dropped \(drops) datagrams in \(DurationText.seconds(context.plan.listening)) by "
        + "their source"
      let meaning = "rp_filter takes their sources for forged (IPReversePathFilter in /proc/net/netstat)"
      // The counter covers all datagrams on all interfaces.
      let isOurs = targets.contains { !context.lost($0).isNone }
      results.append(
        isOurs
          ? .problem(found, meaning: meaning, action: advice("NAME"), "or a route back")
          : .warning(
            found, meaning: "\(meaning); it was nothing of the group's that was seen on the wire",
            action: advice("NAME"), "or a route back"))
    }
    return results
  }

  private static func advice(_ interface: String) -> String {
    "sysctl net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.\(interface).rp_filter=2"
  }

  private static func examine(_ target: DoctorContext.Target, _ context: DoctorContext) -> Result {
    let name = target.name
    let folder = "/proc/sys/net/ipv4/conf"
    guard let all = ProcFile.number("\(folder)/all/rp_filter"),
      let own = ProcFile.number("\(folder)/\(name)/rp_filter")
    else { return .unknown("rp_filter cannot be read", on: name, meaning: "/proc/sys is hidden") }
    // The larger of the two holds: 0 off, 1 strict, 2 loose.
    let mode = max(all, own)
    guard mode > 0 else { return .ok("rp_filter is off", on: name) }
    let place = target.place
    // Datagrams that were received passed the filter, whatever the routes.
    let heard = context.listening.heard[place]?.sources ?? []
    let seen = context.wire.arrivals[place]?.sources ?? []
    if let vrf = target.vrf {
      return .unknown(
        "rp_filter=\(mode)", on: name,
        meaning: "the ways back are those of the VRF \(vrf), and are not asked for")
    }
    let sources = (context.plan.sources + seen.sorted { $0.low < $1.low })
      .filter { $0.family == .ipv4 && !heard.contains($0) }
    for source in sources.prefix(1000) {
      let answer: UInt32?
      do throws(MulticastError) {
        answer = try RouteQuery.interfaceIndex(to: source)
      } catch {
        return unanswered(mode, on: name, error)
      }
      guard let way = answer else {
        return .problem(
          "rp_filter=\(mode) and no route back to \(source)", on: name,
          meaning: "the kernel drops what \(source) sends before any program sees it",
          action: advice(name.asSysctlPart),
          "or a route back")
      }
      if mode == 1, way != target.interface.index {
        let other = context.table[index: way]?.interface.name ?? "interface \(way)"
        return .problem(
          "rp_filter=1 and the way back to \(source) leads over \(other)", on: name,
          meaning: "the kernel drops what \(source) sends before any program sees it",
          action: advice(name.asSysctlPart),
          "or a route back")
      }
    }
    guard mode == 1 else { return .ok("rp_filter is loose", on: name) }
    return strict(target, knowsSources: !sources.isEmpty || !heard.isEmpty, context)
  }

  private static func unanswered(_ mode: Int, on name: String, _ error: MulticastError) -> Result {
    .unknown(
      "rp_filter=\(mode), and the kernel does not say which way leads back", on: name, meaning: "\(error)")
  }

  private static func strict(
    _ target: DoctorContext.Target, knowsSources: Bool, _ context: DoctorContext
  ) -> Result {
    // An address of TEST-NET-1 (RFC 5737) stands for everywhere else; nothing is sent.
    let elsewhere = IPAddress(family: .ipv4, high: 0, low: 0xc000_0201)
    let isWayOut: Bool
    do throws(MulticastError) {
      isWayOut = try RouteQuery.interfaceIndex(to: elsewhere) == target.interface.index
    } catch {
      return unanswered(1, on: target.name, error)
    }
    let isOnly = context.table.interfaces.filter { $0.isUp && !$0.isLoopback }.count < 2
    if isWayOut || isOnly || knowsSources {
      return .ok("rp_filter is strict, and the ways back lead over \(target.name)", on: target.name)
    }
    return .warning(
      "rp_filter=1 on an interface that is not the way out", on: target.name,
      meaning: "senders beyond its own networks are dropped before any program sees them",
      action: advice(target.name.asSysctlPart), "or a route back")
  }
}
