// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Multicast
import Platform
import Settings

extension Publisher {
  /// Settings of sending, apart from the interfaces.
  struct Plan: Sendable {
    var group: Endpoint
    var interval: Duration
    var options: MulticastSender.Options
    var zone: TimestampZone
    /// Nil for plain heartbeats.
    var name: HostName?
    /// With which heartbeats are sealed; nil for none.
    var keys: KeyRing?
    /// Whether the group is told when sending ends on purpose.
    var saysGoodbye: Bool
  }
}

extension Publisher.Plan {
  /// Seals heartbeats of the name to the group; nil where they are not sealed.
  var seal: HeartbeatSeal? {
    guard let keys, let name else { return nil }
    return name.withUTF8 { HeartbeatSeal(keys, group: group, host: $0) }
  }
}

extension Publisher.Plan {
  /// - Parameter keys: With which heartbeats are sealed; nil for none.
  init(_ settings: Settings, keys: KeyRing?) {
    self.init(
      group: settings.publish.endpoint, interval: settings.interval,
      options: MulticastSender.Options(ttl: settings.ttl, loopback: settings.loopback),
      zone: settings.timestamp, name: settings.name.name, keys: keys, saysGoodbye: settings.saysGoodbye)
  }
}

extension BeatWriter {
  /// Writes a heartbeat of the plan's name and interval.
  mutating func write(
    _ time: CivilTime, _ plan: Publisher.Plan, _ clock: WallClock, number: Int, isGoodbye: Bool
  ) {
    write(
      time, as: plan.name, every: plan.interval.nanoseconds, clock, number: number, isGoodbye: isGoodbye)
  }

  /// How many bytes readings may have beside the other words.
  func roomForReadings(_ plan: Publisher.Plan) -> Int {
    roomForReadings(as: plan.name, every: plan.interval.nanoseconds)
  }
}
