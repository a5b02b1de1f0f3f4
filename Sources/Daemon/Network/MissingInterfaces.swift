// SPDX-License-Identifier: Apache-2.0

import EventLoop
import Multicast

/// Interfaces that the configuration names and that are not there: one that stays away is told of once, until
/// it appears. A pure value.
struct MissingInterfaces: Equatable, Sendable {
  /// How long one may be away before it is told of (ns): network cards and containers come late.
  static let patience: Int64 = 30_000_000_000

  private var since: [InterfaceReference: Int64] = [:]
  private var told: Set<InterfaceReference> = []

  /// When the next one is to be told of, if it stays away; in nanoseconds of CLOCK_MONOTONIC.
  var nextDue: Int64? {
    since.filter { !told.contains($0.key) }.values.min().map { $0 + Self.patience }
  }

  /// - Parameters:
  ///   - missing: all that are not there now.
  ///   - now: nanoseconds of CLOCK_MONOTONIC.
  /// - Returns: those to tell of now.
  mutating func note(_ missing: [InterfaceReference], now: Int64) -> [InterfaceReference] {
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
