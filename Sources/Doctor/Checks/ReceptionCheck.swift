// SPDX-License-Identifier: Apache-2.0

import Platform

extension DoctorCheck {
  /// Datagrams received while listening, compared with those captured.
  static let reception = DoctorCheck(name: "reception") { context in
    var seen: Set<PacketCapture.Place> = []
    return context.targets.filter(\.use.receives).compactMap { target in
      let reception = context.receptions.first {
        $0.use == target.use && $0.joined.contains(target.interface.index)
      }
      guard let receiver = reception?.receiver, seen.insert(target.place).inserted else { return nil }
      return examine(target, hasDropped: receiver.kernelDrops > 0, context)
    }
  }

  private static func examine(
    _ target: DoctorContext.Target, hasDropped: Bool, _ context: DoctorContext
  ) -> Result {
    let time = DurationText.seconds(context.plan.listening)
    let heard = context.listening.heard[target.place] ?? .init()
    let lost = context.lost(target)
    guard !lost.isNone else {
      return heard.count > 0
        ? .ok("\(heard.count) datagrams of \(heard.sources.count) source(s) in \(time)", on: target.name)
        : .ok("nobody sent to \(target.place.group) in \(time)", on: target.name)
    }
    let names = lost.sources.map(\.description).sorted().prefix(5).joined(separator: ", ")
    let found =
      lost.sources.isEmpty
      ? "\(lost.partial.lost) of \(lost.partial.of) datagrams that arrive on the wire do not reach a program"
      : "datagrams of \(names) arrive on the wire and do not reach a program"
    if hasDropped {
      return .warning(
        found, on: target.name, meaning: "more came than the receive buffer of this test holds",
        action: "see receive-buffer")
    }
    if let vrf = context.vrfWithoutL3mdevAccept(target) {
      return .problem(
        found, on: target.name, meaning: "what arrives in the VRF \(vrf) goes to no socket outside of it",
        action: "sysctl net.ipv4.udp_l3mdev_accept=1")
    }
    let meaning = "the kernel drops them on the way: rp_filter, the firewall, or a bad checksum"
    let action = "see reverse-path and firewall; nstat -az shows the kernel's counters"
    guard !heard.sources.isEmpty else {
      return .problem(found, on: target.name, meaning: meaning, action: action)
    }
    let others = lost.sources.isEmpty ? "" : ", those of \(heard.sources.count) other(s) do"
    return .warning("\(found)\(others)", on: target.name, meaning: meaning, action: action)
  }
}
