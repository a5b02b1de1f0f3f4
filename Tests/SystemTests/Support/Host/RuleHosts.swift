// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import TestSupport

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

/// One of them: its daemon, and what it does.
struct RuleHost: Sendable {
  /// A change of a rule's state.
  struct Change: Equatable, Sendable, CustomStringConvertible {
    var state: String
    /// What decided.
    var reason: String

    var description: String { "\(state): \(reason)" }
  }

  /// What `mcastd rules --json` has of a rule, as far as it is asked.
  struct Report: Decodable {
    struct Condition: Decodable { var hosts: [Host] }
    struct Host: Decodable {
      var host: String
      var value: String
      var result: String
      var reason: String
    }

    var rule: String
    var state: String
    var conditions: [Condition]
  }

  let name: String
  let daemon: Daemon
  private let namespace: NetworkNamespace
  private let folder: KeyFolder

  /// Runs one for the time of `body`.
  ///
  /// - Parameter secret: Of its key, by its number in `SealedSender.secrets`; nil for none.
  static func with<T>(
    _ namespace: NetworkNamespace, _ name: String, secret: Int? = 0, rules: [String: String] = [:],
    _ body: (RuleHost) async throws -> T
  ) async throws -> T {
    try await KeyFolder.with { folder in
      try folder.prepare(secret: secret, rules: rules)
      let options = ["--config", folder.configuration, "--name", name]
      return try await namespace.daemon(options, environment: folder.environment) { daemon in
        try await daemon.event(EventID.started)
        return try await body(RuleHost(name: name, daemon: daemon, namespace: namespace, folder: folder))
      }
    }
  }

  /// Says a reading from now on.
  func set(_ word: String) async throws {
    try await namespace.run(Repository.binary, "set", word, environment: folder.environment).checked()
  }

  /// Waits until it has heard so many heartbeats of a host that say this, from now on, whatever they prove.
  func hears(_ host: String, say word: String, _ count: Int = 1) async throws {
    let wanted = { @Sendable (line: String) in line.contains(" host=\(host) ") && line.contains(" \(word)") }
    let before = daemon.lines.count(where: wanted)
    try await daemon.lines(before + count, where: wanted)
  }

  /// Loses all that comes from an address, from now on.
  func loses(from address: String) async throws {
    let rules = """
      table ip deaf {
       chain in {
        type filter hook prerouting priority -300;
        ip saddr \(address) drop
       }
      }
      """
    try await namespace.run("nft", "-f", "-", input: Array(rules.utf8)).checked()
  }

  // MARK: Rules

  /// How a rule's state changed so far.
  func changes(of rule: String) -> [Change] {
    daemon.events.filter { $0["MCAST_RULE"] == rule }.compactMap { entry in
      guard let state = entry["MCAST_RULE_STATE"], let reason = entry["MCAST_DECIDED"] else { return nil }
      return Change(state: state, reason: reason)
    }
  }

  /// Waits until a rule has gone through these states, and no others, and returns how.
  @discardableResult
  func changes(of rule: String, are states: [String]) async throws -> [Change] {
    try await eventually("\(rule) \(states), but \(changes(of: rule)); \(daemon.report)") {
      let seen = changes(of: rule)
      return seen.map(\.state) == states ? seen : nil
    }
  }

  /// What is found of a host, as `mcastd rules` has it: of the first condition that asks it.
  func finding(of host: String, by rule: String) async throws -> RuleHost.Report.Host {
    struct Rules: Decodable { var rules: [Report] }
    let output = try await namespace.run(
      Repository.binary, "rules", "--json", environment: folder.environment
    ).checked()
    let rules = try JSONDecoder().decode(Rules.self, from: Data(output.standardOutput)).rules
    let found = rules.first { $0.rule == rule }?.conditions.flatMap(\.hosts).first { $0.host == host }
    guard let found else { throw NeverHappened(description: "nothing of \(host) in \(output)") }
    return found
  }
}

extension KeyFolder {
  /// Writes keys, rules and a configuration.
  fileprivate func prepare(secret: Int?, rules: [String: String]) throws {
    var lines = "interface=eth0\ninterval=200ms\n"
    if let secret {
      try writeKeys("tests hmac-sha256 \(SealedSender.secrets[secret])")
      lines += "auth.mode=require\nauth.keys=\(keys)\n"
    }
    if !rules.isEmpty {
      lines += "rules.directory=\(path)/rules\n"
      for (name, text) in rules { try write(rule: name, text) }
    }
    try configure(lines)
  }
}
