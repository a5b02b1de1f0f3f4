// SPDX-License-Identifier: Apache-2.0

import Control
import FoundationEssentials
import Platform
import Testing

@testable import MQTT

/// What is announced to Home Assistant, against what it accepts (docs/FACTS.md, "Home Assistant").
struct DiscoveryTests {
  /// Of device_class, the units that go with it; from DEVICE_CLASS_UNITS of the sensor component.
  private static let units: [String: Set<String>] = [
    "temperature": ["°C", "°F", "K"], "voltage": ["V", "mV", "μV", "kV", "MV"], "current": ["A", "mA"],
    "power": ["W", "mW", "kW", "MW", "GW", "TW"], "apparent_power": ["VA", "mVA", "kVA"],
    "frequency": ["Hz", "kHz", "MHz", "GHz"], "duration": ["d", "h", "min", "s", "ms"], "humidity": ["%"],
    "battery": ["%"],
  ]

  private static func configuration() -> BridgeConfiguration {
    ConfigurationReader(Array("[mqtt]\ndiscovery=homeassistant\n".utf8), path: "/m").configuration
  }

  private func members(_ value: JSONValue?, required: Set<String>, optional: Set<String>) throws -> [String:
    JSONValue]
  {
    guard case .object(let members) = try #require(value) else {
      Issue.record("no object: \(String(describing: value))")
      return [:]
    }
    let names = Set(members.keys)
    #expect(required.isSubset(of: names) && names.isSubset(of: required.union(optional)), "\(names)")
    return members
  }

  /// DEVICE_DISCOVERY_SCHEMA and the sensor's own, as far as what is published goes.
  private func validate(_ payload: String) throws -> [String: [String: JSONValue]] {
    let root = try JSONDecoder().decode(JSONValue.self, from: Data(payload.utf8))
    let message = try members(
      root, required: ["device", "origin", "components"], optional: ["availability", "availability_mode"])
    let device = try members(
      message["device"], required: ["identifiers"], optional: ["name", "manufacturer", "model", "sw_version"])
    #expect(device["identifiers"]?.elements?.isEmpty == false)
    _ = try members(message["origin"], required: ["name"], optional: ["sw_version", "support_url"])
    #expect(["all", "any", "latest"].contains(message["availability_mode"]?.text))
    for entry in message["availability"]?.elements ?? [] {
      let entry = try members(
        entry, required: ["topic"],
        optional: ["payload_available", "payload_not_available", "value_template"])
      #expect(entry["topic"]?.text?.contains { "+#".contains($0) } == false)
    }
    var components: [String: [String: JSONValue]] = [:]
    guard case .object(let all) = message["components"] else { return [:] }
    for (name, component) in all {
      // An entity of a device needs a unique identifier.
      let component = try members(
        component, required: ["platform", "unique_id", "state_topic"],
        optional: ["name", "device_class", "unit_of_measurement", "state_class", "expire_after"])
      #expect(component["platform"]?.text == "sensor" && component["expire_after"]?.integer ?? 0 > 0)
      if let kind = component["device_class"]?.text {
        let unit = try #require(component["unit_of_measurement"]?.text)
        #expect(try #require(Self.units[kind]).contains(unit), "\(kind) in \(unit)")
      }
      if let kind = component["state_class"]?.text { #expect(kind == "measurement") }
      // Of a unit or a state class follows that it is a number.
      if component["unit_of_measurement"] != nil { #expect(component["state_class"] != nil) }
      components[name] = component
    }
    #expect(Set(components.values.map { $0["unique_id"]?.text }).count == components.count)
    return components
  }

  @Test("each host is a device with a sensor for each reading, in the unit of its class")
  func payload() throws {
    var world = BridgeWorld(Self.configuration())
    world.connect()
    let readings = [
      ("temp.inlet", "24.5C"), ("ups.volts", "230V"), ("ups.amps", "1A"), ("ups.power", "10W"),
      ("ups.va", "12VA"),
      ("ups.hz", "50Hz"), ("ups.runtime", "600s"), ("fan.speed", "900rpm"), ("battery.charge", "90%"),
      ("air.humidity", "40%"), ("disk.used", "10%"), ("n.n", "3"), ("ups.status", "OB \"x\" \\"),
    ]
    world.snapshot(
      [.peer("rack.one", "alive")] + readings.map { .reading("rack.one", $0.0, $0.1) })
    let topic = "homeassistant/device/mcastd-site-rack_one/config"
    let components = try validate(try #require(world.broker[topic]))
    #expect(components.count == readings.count)
    let classes = components.compactMapValues { $0["device_class"]?.text }
    #expect(
      classes == [
        "temp.inlet": "temperature", "ups.volts": "voltage", "ups.amps": "current", "ups.power": "power",
        "ups.va": "apparent_power", "ups.hz": "frequency", "ups.runtime": "duration",
        "battery.charge": "battery", "air.humidity": "humidity",
      ])
    for (name, component) in components {
      let topic = try #require(component["state_topic"]?.text)
      #expect(topic == "mcastd/site/rack.one/\(name)" && world.broker["rack.one/\(name)"] != nil)
    }
    #expect(components["ups.status"]?["state_class"] == nil)
    #expect(components["fan.speed"]?["unit_of_measurement"]?.text == "rpm")
  }

  @Test("of a host that says ever other keys no more than four times what it can say at once is announced")
  func otherKeys() throws {
    var world = BridgeWorld(Self.configuration())
    world.connect()
    world.snapshot([.peer("a", "alive")])
    for number in 0..<600 {
      world.say(.reading("a", "key.k\(number)", "1"))
      world.say(.reading("a", "key.k\(number)", "?", "unknown"))
    }
    let message = try #require(world.broker["homeassistant/device/mcastd-site-a/config"])
    let components = try validate(message)
    #expect((1...256).contains(components.count) && components["key.k599"] != nil)
  }

  @Test("it is published when a reading is new, not when it changes, and removed with the host")
  func changes() throws {
    var world = BridgeWorld(Self.configuration())
    world.connect()
    let topic = "homeassistant/device/mcastd-site-a/config"
    world.snapshot([.peer("a", "alive")])
    #expect(world.broker[topic] == nil)
    world.say(.reading("a", "temp.x", "1C"))
    let first = try #require(world.broker[topic])
    let count = world.published
    world.say(.reading("a", "temp.x", "2C"))
    #expect(world.published == count + 1)
    world.say(.reading("a", "temp.x", "2C", "stale"))
    #expect(world.broker[topic] == first)
    world.loseDaemon()
    #expect(world.broker[topic] == first)
    world.snapshot([.peer("a", "alive"), .reading("a", "temp.y", "1")])
    #expect(try validate(try #require(world.broker[topic])).keys.sorted() == ["temp.x", "temp.y"])
    world.say(.peer("a", nil))
    #expect(world.broker == ["bridge/state": "online"])
  }

  @Test("nothing is announced unless it is asked for")
  func off() {
    var world = BridgeWorld()
    world.connect()
    world.snapshot([.peer("a", "alive"), .reading("a", "temp.x", "1C")])
    #expect(world.broker.keys.sorted() == ["a/state", "a/temp.x", "bridge/state"])
  }
}
