// SPDX-License-Identifier: Apache-2.0

import Control
import Platform
import Testing

@testable import MQTT

/// What the broker holds after what the daemon said.
struct BridgeTests {
  private static let topic = "mcastd/site/"

  @Test("a snapshot replaces what was known when it is complete, and events follow")
  func snapshot() {
    var world = BridgeWorld()
    world.connect()
    #expect(world.broker == ["bridge/state": "no-daemon"])
    world.snapshot([
      .peer("ups1", "alive"), .reading("ups1", "temp.inlet", "24.5C"),
      .reading("ups1", "ups.status", "OB DISCHRG"),
      .rule("lamp", "active"),
    ])
    #expect(
      world.broker == [
        "bridge/state": "online", "ups1/state": "alive", "ups1/temp.inlet": "24.5",
        "ups1/ups.status": "OB DISCHRG", "rule/lamp": "active",
      ])
    world.say(.reading("ups1", "temp.inlet", "25C"))
    world.say(.rule("lamp", "inactive"))
    #expect(world.broker["ups1/temp.inlet"] == "25" && world.broker["rule/lamp"] == "inactive")
    world.snapshot([.peer("ups2", "silent")])
    #expect(world.broker == ["bridge/state": "online", "ups2/state": "silent"])
  }

  @Test(
    "a value that is not good is removed", arguments: ["stale", "unknown", "unauthenticated", "nonsense"])
  func quality(quality: String) {
    var world = BridgeWorld()
    world.connect()
    world.snapshot([.peer("a", "alive"), .reading("a", "temp.x", "1C")])
    #expect(world.broker["a/temp.x"] == "1")
    world.say(.reading("a", "temp.x", "1C", quality))
    #expect(world.broker["a/temp.x"] == nil && world.broker["a/state"] == "alive")
  }

  @Test("drills of readings and rules change nothing")
  func drills() {
    var world = BridgeWorld()
    world.connect()
    world.snapshot([.reading("a", "temp.x", "1C"), .peer("a", "alive"), .rule("r", "inactive")])
    world.say(.reading("a", "temp.x", "99C", "drill"))
    world.say(.reading("a", "temp.y", "99C", "drill"))
    world.say(.rule("r", "active", isDrill: true))
    #expect(world.broker["a/temp.x"] == "1" && world.broker["a/temp.y"] == nil)
    #expect(world.broker["rule/r"] == "inactive")
  }

  @Test("of several interfaces the most present state counts, and a host that is gone takes its values along")
  func interfaces() {
    var world = BridgeWorld()
    world.connect()
    world.snapshot([.peer("a", "silent", on: ""), .reading("a", "temp.x", "1C")])
    world.say(.peer("a", "alive", on: "eth0"))
    world.say(.peer("a", "silent", on: "eth1"))
    #expect(world.broker["a/state"] == "alive")
    world.say(.peer("a", "left", on: "eth0"))
    #expect(world.broker["a/state"] == "left")
    world.say(.peer("a", nil, on: "eth0"))
    #expect(world.broker["a/state"] == "silent" && world.broker["a/temp.x"] == "1")
    world.say(.peer("a", nil, on: "eth1"))
    #expect(world.broker == ["bridge/state": "online"])
  }

  @Test("this host, which is no peer of itself, is alive while the daemon speaks")
  func own() {
    var world = BridgeWorld()
    world.connect()
    world.snapshot([.peer("a", "silent")], own: "me")
    #expect(world.broker == ["bridge/state": "online", "a/state": "silent", "me/state": "alive"])
    world.say(.reading("me", "temp.x", "1C", address: nil))
    world.say(.reading("me", "temp.x", "1C", "unknown", address: nil))
    #expect(world.broker["me/state"] == "alive" && world.broker["me/temp.x"] == nil)
    world.loseDaemon()
    #expect(world.broker == ["bridge/state": "no-daemon", "a/state": "unknown", "me/state": "unknown"])
    // It has another name now, and then sends nothing any more.
    world.snapshot([], own: "you")
    #expect(world.broker == ["bridge/state": "online", "you/state": "alive"])
    world.snapshot([])
    #expect(world.broker == ["bridge/state": "online"])
  }

  @Test("without the daemon values and rules are removed at once, and hosts are unknown")
  func daemonLost() {
    var world = BridgeWorld()
    world.connect()
    world.snapshot([.peer("a", "alive"), .reading("a", "temp.x", "1C"), .rule("r", "active")])
    world.loseDaemon()
    #expect(world.broker == ["bridge/state": "no-daemon", "a/state": "unknown"])
    world.snapshot([.peer("a", "alive")])
    #expect(world.broker == ["bridge/state": "online", "a/state": "alive"])
  }

  @Test("hosts whose topics would be the bridge's own are left out and told once")
  func namesakes() {
    var world = BridgeWorld()
    world.connect()
    world.snapshot([.peer("bridge", "alive"), .peer("rule", "alive"), .reading("bridge", "a.b", "1")])
    world.say(.peer("bridge", "silent"))
    #expect(world.broker == ["bridge/state": "online"])
    let news = world.bridge.takeNews()
    #expect(news == [.namesake("bridge"), .namesake("rule")])
    world = BridgeWorld()
    world.connect()
    world.snapshot([], own: "rule")
    #expect(world.broker == ["bridge/state": "online"] && world.bridge.takeNews() == [.namesake("rule")])
  }

  @Test("topics are bounded, and that they are too many is told once")
  func bounded() {
    var bridge = Bridge(BridgeConfiguration())
    bridge.snapshotBegins()
    for number in 0..<70_000 { bridge.take(.peer("h\(number)", "alive")) }
    bridge.take(.complete)
    #expect(bridge.count == 65_536)
    bridge.take(.peer("late", "alive"))
    #expect(bridge.count == 65_536 && bridge.takeNews() == [.tooManyTopics(limit: 65_535)])
    for number in 0..<70_000 { bridge.take(.peer("h\(number)", nil)) }
    #expect(bridge.count == 1)
  }

  @Test("what is good is renewed within half of its expiry")
  func renewal() {
    var world = BridgeWorld()
    world.connect()
    world.snapshot([.peer("a", "alive"), .reading("a", "temp.x", "1C")])
    let before = world.published
    world.pass(seconds: 13)
    #expect(world.published == before)
    world.pass(seconds: 3)
    #expect(world.published == before + 3)
  }

  @Test("a slow broker gets the latest value, and no more than the window at once")
  func slow() {
    var bridge = Bridge(BridgeConfiguration())
    bridge.snapshotBegins()
    for number in 0..<500 { bridge.take(.reading("h\(number)", "n.n", "0")) }
    bridge.take(.complete)
    bridge.brokerConnected(at: 0)
    var sent: [String: String] = [:]
    var first: [String] = []
    while let next = bridge.nextPublication(at: 0) {
      first.append(next.topic)
      sent[next.topic] = next.payload
    }
    #expect(first.count == Outbox.window && bridge.inFlight == Outbox.window)
    for round in 1...100 {
      for number in 0..<500 { bridge.take(.reading("h\(number)", "n.n", "\(round)")) }
    }
    #expect(bridge.nextPublication(at: 0) == nil)
    var count = 0
    var waiting = first
    while !waiting.isEmpty {
      bridge.acknowledged(waiting.removeFirst())
      while let next = bridge.nextPublication(at: 0) {
        waiting.append(next.topic)
        sent[next.topic] = next.payload
        count += 1
      }
    }
    #expect((0..<500).allSatisfy { sent["mcastd/site/h\($0)/n.n"] == "100" })
    // 500 readings, 500 states and our own, and at most those of the first window twice.
    #expect(count <= 1001)
  }
}
