// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Rules

/// The topics that the bridge publishes: `mcastd/SITE/…`.
///
/// Names of hosts and rules and keys of readings have neither `/` nor wildcards, by their grammar; a key
/// has a dot, which `state` has not.
struct BridgeTopics: Sendable {
  /// The first level of all of them.
  static let root = "mcastd"
  /// Second-last levels that are not hosts.
  private static let taken = ["bridge", "rule"]

  /// `mcastd/SITE/`.
  let prefix: String

  init(site: String) { prefix = "\(Self.root)/\(site)/" }

  /// The bridge's own.
  var bridge: String { prefix + "bridge/state" }

  func state(of host: HostName) -> String { "\(prefix)\(host)/state" }
  func reading(_ key: ReadingKey, of host: HostName) -> String { "\(prefix)\(host)/\(key)" }
  func rule(_ name: RuleName) -> String { "\(prefix)rule/\(name)" }

  /// Whether the topics of a host of this name would be ours.
  static func isTaken(_ host: HostName) -> Bool { taken.contains("\(host)") }
}
