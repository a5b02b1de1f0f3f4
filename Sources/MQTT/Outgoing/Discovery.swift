// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Heartbeat
import Platform

/// Home Assistant's MQTT discovery: a device for each host, with a sensor for each reading (docs/FACTS.md).
struct Discovery: Sendable {
  /// How long the broker keeps it: Home Assistant works on each renewal, so that it is not renewed with the
  /// values.
  static let expirySeconds: UInt32 = 3600

  /// What a reading is, however much it says.
  enum Kind: Hashable, Sendable {
    case words
    case number(unit: String)

    init(_ value: ReadingValue) {
      if case .number(let unit) = value.kind { self = .number(unit: String(unit)) } else { self = .words }
    }
  }

  private let prefix: String
  private let site: String
  private let topics: BridgeTopics
  /// Of a value, in seconds.
  private let expiry: Int

  /// Nil where it is not asked for.
  init?(_ configuration: BridgeConfiguration) {
    guard configuration.announces else { return nil }
    (prefix, site) = (configuration.discoveryPrefix, configuration.site)
    topics = BridgeTopics(site: site)
    expiry = Int(configuration.expirySeconds)
  }

  /// Names of hosts have dots, object identifiers have not, and names have no underscores.
  func topic(of host: HostName) -> String {
    let name = "\(host)".split(separator: ".", omittingEmptySubsequences: false).joined(separator: "_")
    return "\(prefix)/device/mcastd-\(site)-\(name)/config"
  }

  /// The payload for a host that said these readings.
  func payload(of host: HostName, _ readings: [ReadingKey: Kind]) -> String {
    let identifier = "mcastd-\(site)-\(host)"
    var components: [String: Component] = [:]
    for (key, kind) in readings {
      components[key.text] = Component(
        name: key.text, identifier: "\(identifier)-\(key)", topic: topics.reading(key, of: host),
        expiry: expiry, kind: kind, deviceClass: Self.deviceClass(of: key, kind))
    }
    let message = Message(
      device: Device(identifiers: [identifier], name: "\(host)"),
      components: components,
      availability: [
        Availability(topic: topics.bridge, template: "{{ 'online' if value == 'online' else 'offline' }}"),
        Availability(
          topic: topics.state(of: host),
          template: "{{ 'online' if value in ['alive', 'late'] else 'offline' }}"),
      ])
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // Strings, numbers and objects of them always have JSON.
    return (try? encoder.encode(message)).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }

  /// The device class, which has a fixed set of units; nil where none fits.
  private static func deviceClass(of key: ReadingKey, _ kind: Kind) -> String? {
    guard case .number(let unit) = kind else { return nil }
    if unit == "%" {
      if key.text == "battery.charge" || key.text.hasPrefix("battery.charge.") { return "battery" }
      return key.text.contains("humidity") ? "humidity" : nil
    }
    return classes[unit]
  }

  private static let classes = [
    "C": "temperature", "V": "voltage", "A": "current", "W": "power", "VA": "apparent_power",
    "Hz": "frequency", "s": "duration",
  ]

  // MARK: The message

  private struct Message: Encodable {
    let device: Device
    let origin = Origin()
    let components: [String: Component]
    let availability: [Availability]
    let mode = "all"

    enum CodingKeys: String, CodingKey {
      case device
      case origin
      case components
      case availability
      case mode = "availability_mode"
    }
  }

  private struct Device: Encodable {
    let identifiers: [String]
    let name: String
    let manufacturer = "mcastd"
    let model = "host of a multicast group"
    let version = Version.current

    enum CodingKeys: String, CodingKey {
      case identifiers
      case name
      case manufacturer
      case model
      case version = "sw_version"
    }
  }

  private struct Origin: Encodable {
    let name = "mcastd-mqtt"
    let version = Version.current

    enum CodingKeys: String, CodingKey {
      case name
      case version = "sw_version"
    }
  }

  private struct Availability: Encodable {
    let topic: String
    let template: String

    enum CodingKeys: String, CodingKey {
      case topic
      case template = "value_template"
    }
  }

  private struct Component: Encodable {
    let platform = "sensor"
    let name: String
    let identifier: String
    let topic: String
    let expiry: Int
    let deviceClass: String?
    let unit: String?
    let stateClass: String?

    init(name: String, identifier: String, topic: String, expiry: Int, kind: Kind, deviceClass: String?) {
      (self.name, self.identifier, self.topic, self.expiry) = (name, identifier, topic, expiry)
      self.deviceClass = deviceClass
      switch kind {
      case .words: (unit, stateClass) = (nil, nil)
      case .number("C"): (unit, stateClass) = ("°C", "measurement")
      case .number(let unit): (self.unit, stateClass) = (unit.isEmpty ? nil : unit, "measurement")
      }
    }

    enum CodingKeys: String, CodingKey {
      case platform
      case name
      case identifier = "unique_id"
      case topic = "state_topic"
      case expiry = "expire_after"
      case deviceClass = "device_class"
      case unit = "unit_of_measurement"
      case stateClass = "state_class"
    }
  }
}
