// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Multicast
import Platform
import Settings

extension Publisher {
  /// Settings of sending, apart from the interfaces.
  struct Plan: Equatable, Sendable {
    var group: Endpoint
    var interval: Duration
    var options: MulticastSender.Options
    var zone: TimestampZone
    /// Nil for plain heartbeats.
    var name: HostName?
    /// Whether the group is told when sending ends on purpose.
    var saysGoodbye: Bool
  }
}

extension Publisher.Plan {
  init(_ settings: Settings) {
    self.init(
      group: settings.publish.endpoint, interval: settings.interval,
      options: MulticastSender.Options(ttl: settings.ttl, loopback: settings.loopback),
      zone: settings.timestamp, name: settings.name.name, saysGoodbye: settings.saysGoodbye)
  }
}
