// SPDX-License-Identifier: Apache-2.0

import Platform

/// Configured interfaces that do not exist. Each is reported once after a grace period, and again only if it
/// has existed meanwhile. Pure.
package struct MissingInterfaces: Equatable, Sendable {
  /// Grace period before a missing interface is reported (ns): network cards and containers may appear late.
  package static let patience: Int64 = 30_000_000_000

  private var since: [InterfaceReference: Int64] = [:]
  private var told: Set<InterfaceReference> = []

  package init() {}

  /// When the next missing interface is due to be reported, in nanoseconds of CLOCK_MONOTONIC.
  package var nextDue: Int64? {
    since.filter { !told.contains($0.key) }.values.min().map { $0 + Self.patience }
  }

  /// - Parameters:
  ///   - missing: all interfaces that are missing now.
  ///   - now: nanoseconds of CLOCK_MONOTONIC.
  /// - Returns: those to report now.
  package mutating func note(_ missing: [InterfaceReference], now: Int64) -> [InterfaceReference] {
    let all = Set(missing)
    since = since.filter { all.contains($0.key) }
    told.formIntersection(all)
    var due: [InterfaceReference] = []
    for reference in missing {
      let began = since[reference, default: now]
      since[reference] = began
      if now - began >= Self.patience, told.insert(reference).inserted { due.append(reference) }
    }
    return due
  }
}

extension MissingInterfaces {
  /// `no interface is called eth9`, `no interface has the address 10.0.0.9`.
  package static func text(_ reference: InterfaceReference) -> String {
    switch reference {
    case .name: "no interface is called \(reference)"
    case .address: "no interface has the address \(reference)"
    }
  }

  /// Names of the existing interfaces, alternative names in brackets; at most 16 interfaces.
  package static func names(_ table: InterfaceTable) -> String {
    let names = table.interfaces.prefix(16).map { interface in
      interface.name
        + (interface.alternativeNames.isEmpty
          ? "" : " (\(interface.alternativeNames.prefix(4).joined(separator: ", ")))")
    }
    let more = table.interfaces.count - names.count
    return names.joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
  }
}
