// SPDX-License-Identifier: Apache-2.0

import Platform

/// A setting of section [mqtt] of mqtt.conf; the raw value is its name there.
package enum BridgeSetting: String, CaseIterable, Sendable {
  case host
  case port
  case tls
  case ca
  case user
  case site
  case expire
  case discovery
  case discoveryPrefix = "discovery.prefix"

  /// What is known of a setting.
  package struct Row: Sendable {
    /// As it would be written.
    package let standard: String
    /// Worded to follow "must be".
    package let accepted: String
    package let help: String

    init(default standard: String, accepted: String, help: String) {
      (self.standard, self.accepted, self.help) = (standard, accepted, help)
    }
  }

  /// Shortest and longest `expire`.
  static let expiry = Duration.seconds(5)...Duration.seconds(3600)

  /// The table of settings.
  package var row: Row {
    switch self {
    case .host:
      Row(
        default: "localhost", accepted: "a name or an address, at most 253 bytes without blanks",
        help: "The broker's host")
    case .port:
      Row(
        default: "auto", accepted: "auto (8883 where tls=yes, otherwise 1883), or 1–65535",
        help: "The broker's TCP port")
    case .tls:
      Row(default: "no", accepted: "yes or no", help: "Whether the connection is encrypted")
    case .ca:
      Row(
        default: "/etc/ssl/certs", accepted: "an absolute path",
        help: "Certificates by which the broker's is judged: a file, or a directory for c_rehash")
    case .user:
      Row(
        default: "", accepted: "empty, or at most 256 bytes; the credential mcastd-mqtt.user overrides it",
        help: "User at the broker")
    case .site:
      Row(
        default: "site", accepted: "1–63 letters, digits, dashes and underscores",
        help: "Second level of all topics, for brokers that serve several sites")
    case .expire:
      Row(
        default: "30s", accepted: "5s–1h, in whole seconds, with a unit (s, min, h)",
        help: "How long the broker keeps what is not renewed")
    case .discovery:
      Row(
        default: "no", accepted: "no or homeassistant",
        help: "Whether hosts announce themselves to Home Assistant")
    case .discoveryPrefix:
      Row(
        default: "homeassistant",
        accepted: "1–63 letters, digits, dashes, underscores and single slashes in between, not mcastd",
        help: "First levels of the topics of discovery")
    }
  }

  /// Takes a value.
  ///
  /// - Parameter text: Without blanks around it.
  /// - Returns: Whether it is accepted; otherwise nothing has changed.
  func set(_ text: String, in configuration: inout BridgeConfiguration) -> Bool {
    switch self {
    case .host:
      guard (1...253).contains(text.utf8.count), text.utf8.allSatisfy({ 0x21...0x7e ~= $0 }) else {
        return false
      }
      configuration.host = text
    case .port:
      let port = Quantity.whole(text).flatMap { UInt16(exactly: $0) }
      guard text == "auto" || port ?? 0 > 0 else { return false }
      configuration.chosenPort = port
    case .tls:
      guard ["yes", "no"].contains(text) else { return false }
      configuration.isEncrypted = text == "yes"
    case .ca:
      guard text.hasPrefix("/") else { return false }
      configuration.authorities = text
    case .user:
      guard text.utf8.count <= 256 else { return false }
      configuration.user = text
    case .site:
      guard (1...63).contains(text.utf8.count), text.utf8.allSatisfy(Self.isOfLevel) else { return false }
      configuration.site = text
    case .expire:
      guard let time = Quantity.nanoseconds(text).map({ Duration.nanoseconds($0) }),
        Self.expiry.contains(time), time.nanoseconds % 1_000_000_000 == 0
      else { return false }
      configuration.expiry = time
    case .discovery:
      guard ["no", "homeassistant"].contains(text) else { return false }
      configuration.announces = text == "homeassistant"
    case .discoveryPrefix:
      let levels = text.split(separator: "/", omittingEmptySubsequences: false)
      guard (1...63).contains(text.utf8.count), levels.first?.elementsEqual(BridgeTopics.root) == false,
        levels.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(Self.isOfLevel) })
      else { return false }
      configuration.discoveryPrefix = text
    }
    return true
  }

  /// A byte of one level of a topic.
  static func isOfLevel(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
      true
    default: false
    }
  }
}
