// SPDX-License-Identifier: Apache-2.0

import Control
import Platform

@testable import MQTT

/// A bridge, and a broker that acknowledges at once.
struct BridgeWorld {
  var bridge: Bridge
  /// What it holds, without `mcastd/site/`.
  private(set) var broker: [String: String] = [:]
  /// Publications so far.
  private(set) var published = 0
  private var now: Int64 = 0

  init(_ configuration: BridgeConfiguration = BridgeConfiguration()) { bridge = Bridge(configuration) }

  mutating func connect() {
    bridge.brokerConnected(at: now)
    settle()
  }

  /// - Parameter own: The name of the daemon's host.
  mutating func snapshot(_ parts: [MonitorReply], own: String? = nil) {
    bridge.snapshotBegins()
    for part in parts { bridge.take(part) }
    var complete = MonitorReply.complete
    complete.host = own
    bridge.take(complete)
    settle()
  }

  mutating func say(_ reply: MonitorReply) {
    bridge.take(reply)
    settle()
  }

  mutating func loseDaemon() {
    bridge.daemonLost()
    settle()
  }

  mutating func pass(seconds: Int) {
    for _ in 0..<seconds {
      now += 1_000_000_000
      settle()
    }
  }

  private mutating func settle() {
    while let next = bridge.nextPublication(at: now) {
      published += 1
      let (topic, prefix) = (next.topic, "mcastd/site/")
      let name = topic.hasPrefix(prefix) ? String(topic.dropFirst(prefix.count)) : topic
      broker[name] = next.payload.isEmpty ? nil : next.payload
      bridge.acknowledged(topic)
    }
  }
}

extension MonitorReply {
  static var complete: MonitorReply { MonitorReply(.complete, timeUsec: 0) }

  static func peer(_ host: String, _ state: String?, on interface: String = "eth0") -> MonitorReply {
    var reply = MonitorReply("peer-x", timeUsec: 0)
    (reply.host, reply.state, reply.address) = (host, state, "10.0.0.1")
    reply.interface = interface.isEmpty ? nil : interface
    return reply
  }

  static func reading(
    _ host: String, _ key: String, _ value: String, _ quality: String = "good", address: String? = "10.0.0.1"
  ) -> MonitorReply {
    var reply = MonitorReply("reading-x", timeUsec: 0)
    (reply.host, reply.address) = (host, address)
    (reply.key, reply.value, reply.quality) = (key, value, quality)
    return reply
  }

  static func rule(_ name: String, _ state: String, isDrill: Bool? = nil) -> MonitorReply {
    var reply = MonitorReply("rule-x", timeUsec: 0)
    (reply.rule, reply.state, reply.isDrill) = (name, state, isDrill)
    return reply
  }
}
