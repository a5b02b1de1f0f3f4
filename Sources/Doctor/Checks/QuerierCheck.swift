// SPDX-License-Identifier: Apache-2.0

import Glibc
import Multicast
import Platform

extension DoctorCheck {
  /// Is there an IGMP or MLD querier? Without one a snooping switch or bridge forgets members after about
  /// 260 s, and the group falls quiet (RFC 4541 section 2.1.1, RFC 3376 section 8.4).
  static let querier = DoctorCheck(name: "querier") { context in
    var results: [Result] = []
    var waitingFor: [(entry: InterfaceTable.Entry, family: AddressFamily)] = []
    for entry in context.interfaces where !entry.interface.isLoopback && entry.interface.isUp {
      let families = context.targets.filter { $0.interface.index == entry.interface.index }
        .map(\.use.group.address.family)
      for family in [AddressFamily.ipv4, .ipv6] where families.contains(family) {
        if let result = local(entry, family, context) {
          results.append(result)
        } else {
          waitingFor.append((entry, family))
        }
      }
    }
    guard !waitingFor.isEmpty else { return results }
    if let error = context.wire.error {
      return results
        + waitingFor.map {
          error.errno == EPERM
            ? .unknown(
              "whether there is a querier cannot be seen", on: $0.entry.interface.name,
              meaning: "it takes CAP_NET_RAW", action: "run it as root")
            : .unknown(
              "whether there is a querier cannot be seen", on: $0.entry.interface.name, meaning: "\(error)")
        }
    }
    awaitQueries(waitingFor.map { (interface: $0.entry.interface, family: $0.family) }, context)
    return results + waitingFor.map { remote($0.entry, $0.family, context) }
  }

  /// The querier state of a bridge on this host; `nil` where there is none, or where it does not snoop.
  private static func local(
    _ entry: InterfaceTable.Entry, _ family: AddressFamily, _ context: DoctorContext
  ) -> Result? {
    let lower = entry.lower.flatMap { context.table[index: $0] }
    let candidates = [entry, lower].compactMap { $0 }.flatMap { entry in
      [entry, entry.master.flatMap { context.table[index: $0] }].compactMap { $0 }
    }
    guard let found = candidates.first(where: { $0.bridge != nil }), let bridge = found.bridge,
      bridge.isSnooping
    else { return nil }
    let name = found.interface.name
    let protocolName = family == .ipv4 ? "IGMP" : "MLD"
    if family == .ipv4 ? bridge.hearsIPv4Querier : bridge.hearsIPv6Querier {
      return .ok("\(name) snoops, and hears an \(protocolName) querier", on: entry.interface.name)
    }
    if bridge.isQuerier {
      return .ok("\(name) snoops, and is the \(protocolName) querier itself", on: entry.interface.name)
    }
    return .warning(
      "\(name) snoops, and there is no \(protocolName) querier", on: entry.interface.name,
      meaning: "members are forgotten after about 260 s, and groups fall quiet where ports do not flood",
      action: "ip link set \(ShellWord(name).text) type bridge mcast_querier 1")
  }

  private static func awaitQueries(
    _ places: [(interface: NetworkInterface, family: AddressFamily)], _ context: DoctorContext
  ) {
    let missing = { places.filter { context.wire.query($0.family, on: $0.interface.index) == nil } }
    _ = context.listening
    guard !missing().isEmpty else { return }
    let names = Set(missing().map(\.interface.name)).sorted().joined(separator: ", ")
    context.progress(
      "waiting for a general query on \(names), at most \(DurationText.seconds(context.plan.queryWait)): "
        + "queriers send one every 125 s")
    let start = ContinuousClock.now
    let end = start + context.plan.queryWait
    var next = start + .seconds(10)
    while !missing().isEmpty {
      let now = ContinuousClock.now
      guard now < end else { break }
      if now >= next {
        context.progress("… \((end - now).components.seconds) s left")
        next += .seconds(10)
      }
      Poll.wait(for: POLLIN, on: context.wire.descriptors, atMost: min(end, next) - now)
      context.wire.drain()
    }
  }

  private static func remote(
    _ entry: InterfaceTable.Entry, _ family: AddressFamily, _ context: DoctorContext
  ) -> Result {
    let name = entry.interface.name
    let protocolName = family == .ipv4 ? "IGMP" : "MLD"
    if let query = context.wire.query(family, on: entry.interface.index) {
      return .ok("\(query.source) is the \(protocolName)v\(query.version) querier", on: name)
    }
    let waited = context.plan.listening + context.plan.queryWait
    // Silence proves something only after a whole query interval.
    guard waited >= context.plan.queryInterval else {
      return .unknown(
        "no \(protocolName) general query in \(DurationText.seconds(waited))", on: name,
        meaning: "queriers send one every 125 s, so there may be one all the same",
        action: "mcastd doctor --wait 130s")
    }
    return .warning(
      "no \(protocolName) general query in \(DurationText.seconds(waited))", on: name,
      meaning:
        "a switch that snoops forgets members after about 260 s, and the group falls quiet; without such a "
        + "switch it does not matter",
      action: "switch on the querier of a switch or router", "or switch snooping off")
  }
}
