// SPDX-License-Identifier: Apache-2.0

/// Hosts on one wire that have a key without which nothing counts: three with a UPS, two racks with a
/// thermometer, and one that judges by rules.
///
/// They beat five times a second, so that what they say is stale after a second.
struct RuleHosts: Sendable {
  static let supplies = ["ups1", "ups2", "ups3"]
  static let racks = ["rack1", "rack2"]
  private static let judge = "judge"

  let bridge: Bridge
  private(set) var byName: [String: RuleHost] = [:]
  /// Without a daemon.
  private(set) var spare: [NetworkNamespace] = []

  subscript(_ name: String) -> RuleHost { byName[name]! }
  var judge: RuleHost { self[Self.judge] }

  /// Runs them for the time of `body`, which begins when the judge has heard that all is well: mains are
  /// there, and it is cool.
  ///
  /// - Parameters:
  ///   - rules: Of the judge, by name.
  ///   - absent: One that has no daemon yet; its network is the last of `spare`.
  static func with(
    _ rules: [String: String], absent: String? = nil, spare: Int = 0,
    _ body: (RuleHosts) async throws -> Void
  ) async throws {
    let names = [judge] + (supplies + racks).filter { $0 != absent }
    try await Bridge.with(hosts: names.count + spare + (absent == nil ? 0 : 1)) { bridge in
      let hosts = RuleHosts(bridge: bridge, spare: Array(bridge.hosts.dropFirst(names.count)))
      try await hosts.extend(by: names[...], rules) { hosts in
        for name in names.dropFirst() {
          let word = supplies.contains(name) ? "ups.status=OL" : "temp.inlet=22C"
          try await hosts[name].set(word)
          try await hosts.judge.hears(name, say: word)
        }
        try await body(hosts)
      }
    }
  }

  private func extend(
    by names: ArraySlice<String>, _ rules: [String: String], _ body: (RuleHosts) async throws -> Void
  ) async throws {
    guard let name = names.first else { return try await body(self) }
    try await RuleHost.with(bridge.hosts[byName.count], name, rules: name == Self.judge ? rules : [:]) {
      host in
      var extended = self
      extended.byName[name] = host
      try await extended.extend(by: names.dropFirst(), rules, body)
    }
  }

  /// All UPS say this from now on.
  func setMains(_ status: String) async throws {
    for name in Self.supplies { try await self[name].set("ups.status=\(status)") }
  }

  /// Pulls the judge's cable, or plugs it in: it hears nobody.
  func setJudgeHears(_ hears: Bool) async throws { try await bridge.setCarrier(hears, port: "port1") }
}
