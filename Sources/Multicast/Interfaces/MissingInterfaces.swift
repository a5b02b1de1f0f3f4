// SPDX-License-Identifier: Apache-2.0

import Platform

/// Interfaces that the configuration names and that are not there: one that stays away is told of once, until
/// it appears. A pure value.
package struct MissingInterfaces: Equatable, Sendable {
  /// How long one may be away before it is told of (ns): network cards and containers come late.
  package static let patience: Int64 = 30_000_000_000

  private var since: [InterfaceReference: Int64] = [:]
  private var told: Set<InterfaceReference> = []

  package init() {}

  /// When the next one is to be told of, if it stays away; in nanoseconds of CLOCK_MONOTONIC.
  package var nextDue: Int64? {
    since.filter { !told.contains($0.key) }.values.min().map { $0 + Self.patience }
  }

  /// - Parameters:
  ///   - missing: all that are not there now.
  ///   - now: nanoseconds of CLOCK_MONOTONIC.
  /// - Returns: those to tell of now.
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

  /// The names that there are, alternative ones in brackets; at most 16 interfaces.
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
