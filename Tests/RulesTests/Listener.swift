// SPDX-License-Identifier: Apache-2.0

import Facts
import Heartbeat
import Liveness
import Platform
import TestSupport

@testable import Rules
@testable import Simulation

/// So many seeds from that of the test on, which is printed.
func seeds(_ count: UInt64, _ test: String = #function, file: String = #fileID) -> Range<UInt64> {
  let first = SeededRandom.seed(default: 1, test, file: file)
  return first..<first + count
}

/// The host `me` with rules, which hears others. Times are in seconds.
struct Listener {
  var heard: HeardRules
  private var senders: [HostName: ReadingsSender] = [:]
  private var own: ReadingsSender

  /// - Parameter rules: The text of each rule's file, by its name.
  init(_ rules: KeyValuePairs<String, String>) throws {
    heard = HeardRules(try Self.rules(rules), own: "me", at: 0)
    own = ReadingsSender("me")
  }

  private static func rules(_ texts: KeyValuePairs<String, String>) throws -> [Rule] {
    try texts.map { try rule($0.value, name: $0.key) }
  }

  private static func nanoseconds(_ second: Double) -> Int64 { Int64((second * 1e9).rounded()) }

  /// A host says this from now on: `ups.status=OB`, a word each.
  mutating func hear(
    _ host: HostName, _ words: String..., proof: Proof? = .ok, at second: Double
  ) {
    var sender = senders[host] ?? ReadingsSender(host)
    for word in words {
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      sender.say(parts[0], parts[1].isEmpty ? nil : parts[1])
    }
    heard.hear(sender.beat(), proof: proof, at: Self.nanoseconds(second))
    senders[host] = sender
  }

  /// This host says this from now on.
  mutating func say(_ key: String, _ value: String?, at second: Double) {
    own.say(key, value)
    heard.say(own.said, at: Self.nanoseconds(second))
  }

  mutating func notePeer(_ host: HostName, _ finding: PeerFinding?, at second: Double) {
    heard.notePeer(host, finding, at: Self.nanoseconds(second))
  }

  mutating func replace(by rules: KeyValuePairs<String, String>, at second: Double) throws {
    heard.book.replace(by: try Self.rules(rules), heard.evidence, at: Self.nanoseconds(second))
  }

  /// The process is another one, that begins with what this one stored, and hears nobody yet.
  mutating func restart(_ rules: KeyValuePairs<String, String>, at second: Double) throws {
    let stored = heard.book.stored
    heard = HeardRules([], own: "me", at: Self.nanoseconds(second))
    heard.book = Rulebook(at: Self.nanoseconds(second), restoring: stored)
    try replace(by: rules, at: second)
  }

  mutating func adopt(_ states: String..., interval: Double = 1, at second: Double) {
    heard.book.adopt(
      Set(states.compactMap { RuleName($0) }), heard.evidence, interval: Self.nanoseconds(interval),
      at: Self.nanoseconds(second))
  }

  mutating func advance(through second: Double) { heard.advance(through: Self.nanoseconds(second)) }

  /// What happened since the last call, until then: `3 fans-off active`, and `drill` or why.
  mutating func transitions(through second: Double) -> [String] {
    advance(through: second)
    return heard.book.takeTransitions().map { transition in
      let time = Double(transition.time / 1_000_000) / 1000
      let cause = transition.cause == .conditions ? "" : " \(transition.cause)"
      return
        "\(time == time.rounded() ? "\(Int(time))" : "\(time)") \(transition.rule) \(transition.to.rawValue)"
        + (transition.isDrill ? " drill" : "") + cause
    }
  }

  /// States that were entered (+) or left (-) since the last call.
  mutating func states() -> [String] {
    heard.book.takeStates().map { "\($0.isEntered ? "+" : "-")\($0.state)" }
  }

  /// What each line of the first rule finds now.
  var results: [Ternary] { heard.book.reports(heard.evidence).first?.lines.map(\.result) ?? [] }

  /// The hosts that each line of the first rule counts.
  var hosts: [[String]] {
    (heard.book.reports(heard.evidence).first?.lines ?? []).map { line in
      line.hosts.map { $0.host.map { "\($0)" } ?? "own" }
    }
  }
}
