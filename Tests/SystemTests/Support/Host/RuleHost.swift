// SPDX-License-Identifier: Apache-2.0

import TestSupport

/// A host of ``RuleHosts``: its daemon, and what that does by rules.
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
    let rules = try await folder.decoded(Rules.self, "rules", namespace).rules
    let found = rules.first { $0.rule == rule }?.conditions.flatMap(\.hosts).first { $0.host == host }
    guard let found else { throw NeverHappened(description: "nothing of \(host) by \(rule) in \(rules)") }
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
