// SPDX-License-Identifier: Apache-2.0

import Multicast

extension DoctorCheck {
  /// What was heard while listening, against what arrived on the wire.
  static let reception = DoctorCheck(name: "reception") { context in
    var seen: Set<WireTap.Place> = []
    return context.targets.filter(\.use.receives).compactMap { target in
      let place = WireTap.Place(interface: target.interface.index, group: target.use.group)
      let isListening = context.receptions.contains {
        $0.use == target.use && $0.joined.contains(place.interface)
      }
      guard isListening, seen.insert(place).inserted else { return nil }
      return examine(target, place, context)
    }
  }

  private static func examine(
    _ target: DoctorContext.Target, _ place: WireTap.Place, _ context: DoctorContext
  ) -> Result {
    let time = context.plan.listening.inWords
    let heard = context.listening.heard[place] ?? .init()
    var arrived = context.wire.arrivals[place] ?? .init()
    let wanted = context.plan.sources
    if !wanted.isEmpty { arrived.sources.formIntersection(wanted) }
    let lost = arrived.sources.subtracting(heard.sources)
    if !lost.isEmpty {
      let names = lost.map(\.description).sorted().prefix(5).joined(separator: ", ")
      return .problem(
        "datagrams of \(names) arrive on the wire and do not reach a program", on: target.name,
        meaning: "the kernel drops them on the way: rp_filter, the firewall, or a bad checksum",
        action: "see reverse-path and firewall; nstat -az shows the kernel's counters")
    }
    if heard.count > 0 {
      return .ok("\(heard.count) datagrams of \(heard.sources.count) source(s) in \(time)", on: target.name)
    }
    return .ok("nobody sent to \(place.group) in \(time)", on: target.name)
  }
}
