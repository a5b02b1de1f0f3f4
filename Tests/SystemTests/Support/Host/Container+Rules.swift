// SPDX-License-Identifier: Apache-2.0

import TestSupport

/// Rules of a daemon from the package, with keys, and what became of them.
extension Container {
  private static let examples = "/usr/share/doc/mcastd/examples"

  /// A change of a rule's state, as the journal has it.
  struct RuleChange: Equatable, CustomStringConvertible {
    var before: String
    var state: String
    /// What decided.
    var reason: String
    /// Of the entry, in microseconds since the epoch.
    var time: Int64

    var description: String { "\(before) -> \(state): \(reason)" }
  }

  /// Has daemons count nothing but what is sealed with the tests' key, as the example of keys says; the next
  /// start has it.
  ///
  /// - Parameter unit: One of the daemon, without `.service`.
  func requireKeys(of unit: String = "mcastd") async throws {
    let install = """
      set -e
      install -D -m 600 /dev/stdin /etc/mcastd/keys
      mkdir -p /etc/systemd/system/\(unit).service.d
      cp \(Self.examples)/keys.conf /etc/systemd/system/\(unit).service.d
      echo Environment=MCASTD_AUTH_MODE=require >>/etc/systemd/system/\(unit).service.d/keys.conf
      systemctl daemon-reload
      """
    let key = "tests hmac-sha256 \(SealedSender.secrets[0])\n"
    try await run("sh", "-c", install, input: Array(key.utf8)).checked()
  }

  /// Installs a rule of the examples and units that act by it, as their comments say.
  ///
  /// - Parameters:
  ///   - spans: Lines of the rule that are others: `for=10s` and what stands in its place.
  ///   - enabled: That of the units that the comment says to enable.
  func installExample(_ rule: String, spans: [(String, String)], units: [String], enabled: String)
    async throws
  {
    let shorter = spans.map { "-e 's/^\($0)$/\($1)/'" }.joined(separator: " ")
    let install = """
      set -e
      cd \(Self.examples)
      install -m 644 \(units.joined(separator: " ")) /etc/systemd/system
      systemctl daemon-reload
      systemctl enable \(enabled)
      install -D -m 644 \(rule).rule /etc/mcastd/rules.d/\(rule).rule
      sed -i \(shorter) /etc/mcastd/rules.d/\(rule).rule
      mcastd check
      systemctl reload mcastd
      """
    try await run("sh", "-c", install).checked()
    for (_, line) in spans {
      try await run("grep", "-qxF", "--", line, "/etc/mcastd/rules.d/\(rule).rule").checked()
    }
  }

  /// Takes it away again, and what it did.
  func removeExample(_ rule: String, enabled: String) async throws {
    try await run("rm", "/etc/mcastd/rules.d/\(rule).rule").checked()
    try await systemctl("reload", "mcastd")
    try await systemctl("stop", "mcastd-state@\(rule).target")
    try await systemctl("disable", enabled)
  }

  /// All changes of a rule so far, in order, each with its MESSAGE_ID.
  func changes(of rule: String, after position: UInt64 = 0) async throws -> [RuleChange] {
    let entries = try await journal(
      after: position, "--unit=mcastd", "MESSAGE_ID=\(EventID.ruleState)", "MCAST_RULE=\(rule)")
    return entries.compactMap { entry in
      guard let before = entry["MCAST_RULE_BEFORE"], let state = entry["MCAST_RULE_STATE"],
        let reason = entry["MCAST_DECIDED"], let time = entry["__REALTIME_TIMESTAMP"].flatMap({ Int64($0) })
      else { return nil }
      return RuleChange(before: before, state: state, reason: reason, time: time)
    }
  }

  /// Waits until a rule has gone through these states, and no others, and returns how.
  @discardableResult
  func changes(
    of rule: String, after position: UInt64 = 0, are states: [String], within limit: Duration = .seconds(10)
  ) async throws -> [RuleChange] {
    var seen: [RuleChange] = []
    return try await eventually("\(rule) \(states), but \(seen)", within: limit) {
      seen = try await changes(of: rule, after: position)
      return seen.map(\.state) == states ? seen : nil
    }
  }

  /// Waits until so many heartbeats of a host that say this were heard from now on.
  func hears(_ host: String, say word: String, _ count: Int = 1) async throws {
    let start = try await journalEnd()
    try await entries(count, after: start, "--unit=mcastd", "MCAST_KIND=heartbeat", "MCAST_HOST=\(host)") {
      $0["MCAST_PAYLOAD"]?.contains(" \(word)") == true
    }
  }
}
