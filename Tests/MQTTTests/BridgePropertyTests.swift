// SPDX-License-Identifier: Apache-2.0

import Control
import Platform
import TestSupport
import Testing

@testable import MQTT

/// A daemon that comes and goes, and a broker that is slow, loses connections, forgets or remembers, and
/// drops what expires: in the end it holds what is good now.
struct BridgePropertyTests {
  /// What is good, by an independent account.
  private struct Truth {
    var isThere = false
    var states: [String: String] = [:]
    var values: [String: String] = [:]
    var rules: [String: String] = [:]

    var topics: [String: String] {
      var topics = ["bridge/state": isThere ? "online" : "no-daemon"]
      for (host, state) in states { topics["\(host)/state"] = isThere ? state : "unknown" }
      guard isThere else { return topics }
      topics.merge(values) { $1 }
      for (rule, state) in rules { topics["rule/\(rule)"] = state }
      return topics
    }

    var parts: [MonitorReply] {
      states.map { .peer($0, $1) }
        + values.map { topic, value in
          let words = topic.split(separator: "/")
          return .reading(String(words[0]), String(words[1]), value)
        } + rules.map { .rule($0, $1) }
    }
  }

  private struct Broker {
    var held: [String: (payload: String, end: Int64)] = [:]
    /// Publications that are not acknowledged, and perhaps never arrive.
    var wire: [(topic: String, payload: String)] = []

    mutating func receive(at now: Int64) -> String? {
      guard !wire.isEmpty else { return nil }
      let (topic, payload) = wire.removeFirst()
      held[topic] = payload.isEmpty ? nil : (payload, now + 30_000_000_000)
      return topic
    }

    func topics(at now: Int64) -> [String: String] {
      var topics: [String: String] = [:]
      for (topic, value) in held where value.end > now {
        topics[String(topic.dropFirst("mcastd/site/".count))] = value.payload
      }
      return topics
    }
  }

  @Test("the broker holds what is good now, after whatever happened", arguments: 0..<300 as Range<UInt64>)
  func property(seed: UInt64) {
    var random = SeededRandom(seed: 0x4d51 << 32 | seed)
    var (bridge, broker, truth) = (Bridge(BridgeConfiguration()), Broker(), Truth())
    var (now, isConnected): (Int64, Bool) = (0, false)

    func publish() {
      while isConnected, let next = bridge.nextPublication(at: now) {
        broker.wire.append((next.topic, next.payload))
      }
      #expect(bridge.inFlight <= Outbox.window && bridge.inFlight == broker.wire.count)
    }
    func disconnect() {
      // A part of what is on the wire arrives.
      for _ in 0..<random.below(broker.wire.count + 1) { _ = broker.receive(at: now) }
      broker.wire = []
      isConnected = false
      bridge.brokerLost()
    }

    for _ in 0..<400 {
      let host = "h\(random.below(60))"
      switch random.below(100) {
      case 0..<15:
        let state: String? = ["alive", "silent", "left", "unknown", nil][random.below(5)]
        guard truth.isThere else { break }
        truth.states[host] = state
        if state == nil { truth.values = truth.values.filter { !$0.key.hasPrefix("\(host)/") } }
        bridge.take(.peer(host, state))
      case 15..<55:
        guard truth.isThere, truth.states[host] != nil else { break }
        let (key, value) = ("k.\(random.below(3))", "\(random.below(5))")
        let isGood = random.below(4) > 0
        truth.values["\(host)/\(key)"] = isGood ? value : nil
        bridge.take(.reading(host, key, value, isGood ? "good" : "stale"))
      case 55..<60:
        guard truth.isThere else { break }
        let (rule, state) = ("r\(random.below(3))", random.below(2) == 0 ? "active" : "inactive")
        truth.rules[rule] = state
        bridge.take(.rule(rule, state))
      case 60..<63:
        truth.isThere = false
        truth.values = [:]
        truth.rules = [:]
        bridge.daemonLost()
      case 63..<68:
        // Another daemon, or an overrun: what it says may have nothing to do with what was.
        truth.isThere = true
        if random.below(2) == 0 { truth.states = truth.states.filter { _ in random.below(2) == 0 } }
        truth.values = truth.values.filter { value in
          truth.states.keys.contains { value.key.hasPrefix("\($0)/") }
        }
        bridge.snapshotBegins()
        for part in truth.parts { bridge.take(part) }
        bridge.take(.complete)
      case 68..<72: disconnect()
      case 72..<80:
        guard !isConnected else { break }
        if random.below(2) == 0 { broker.held = [:] }
        isConnected = true
        bridge.brokerConnected(at: now)
      case 80..<83: now += Int64(random.below(40)) * 1_000_000_000
      default:
        publish()
        for _ in 0..<random.below(30) {
          guard let topic = broker.receive(at: now) else { break }
          bridge.acknowledged(topic)
        }
      }
    }
    if !isConnected { bridge.brokerConnected(at: now) }
    isConnected = true
    // The time goes on, and all of it is renewed before it expires.
    for _ in 0..<40 {
      now += 1_000_000_000
      publish()
      while let topic = broker.receive(at: now) {
        bridge.acknowledged(topic)
        publish()
      }
    }
    #expect(broker.topics(at: now) == truth.topics, "seed \(seed)")
    #expect(bridge.count == truth.topics.count, "seed \(seed)")
  }
}
