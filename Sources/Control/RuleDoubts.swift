// SPDX-License-Identifier: Apache-2.0

import Facts
import Heartbeat
import Liveness
import Platform
import Rules

/// What is likely not meant so in rules that are written well: a host that is not there, a reading that
/// nobody says, a unit that it does not have. What is unknown for ever never acts, and nothing else tells.
///
/// A pure value, made of what a daemon says at the moment.
package struct RuleDoubts {
  /// Doubts that are told one by one.
  static let most = 32

  /// What hosts say, by host and key; drills not.
  private var said: [String: [String: ReadingValue]] = [:]
  /// Names and addresses of all that were ever heard.
  private var heard: Set<String>
  /// This host's name; nil where it has none.
  private let own: HostName?

  /// - Parameters:
  ///   - readings: Of `ListReadings`.
  ///   - peers: Of `ListPeers`.
  package init(readings: [ReadingReply], peers: [PeerReply], own: HostName?) {
    self.own = own
    heard = Set(peers.filter { $0.beats > 0 }.flatMap { [$0.host, $0.address] })
    heard.remove("")
    if let own { heard.insert("\(own)") }
    for reading in readings where reading.quality != ReadingQuality.drill.rawValue {
      heard.insert(reading.host)
      said[reading.host, default: [:]][reading.key] = ReadingValue(reading.value)
    }
  }

  /// What is doubtful of these rules, a line each.
  package func texts(of rules: [Rule]) -> [String] {
    let all = rules.flatMap { rule in
      rule.conditions.flatMap { texts(of: $0) }.uniqued().map { "rule \(rule.name): \($0)" }
    }
    let more = all.count - Self.most
    return all.prefix(Self.most) + (more > 0 ? ["\(more) more doubts about rules"] : [])
  }

  private func texts(of condition: RuleCondition) -> [String] {
    guard case .others(let subjects, let patterns) = condition.hosts else {
      guard let own else {
        return [
          "'\(condition.text)' is of this host, which has no name and says nothing: set name=, or name hosts"
        ]
      }
      return doubt(of: "\(own)", condition.test).map { [$0] } ?? []
    }
    let unmatched = patterns.filter { pattern in
      !heard.contains { HostName($0).map { pattern.matches($0) } ?? false }
    }
    // A host that says something counts where its name matches, and one that says nothing of the reading
    // makes the condition unknown for ever.
    let named = Set(subjects.map { "\($0)" })
    let matched = said.keys.sorted().filter { host in
      !named.contains(host) && HostName(host).map { name in patterns.contains { $0.matches(name) } } ?? false
    }
    return subjects.compactMap { subject in
      heard.contains("\(subject)")
        ? doubt(of: "\(subject)", condition.test) : neverHeard("\(subject)", among: subjects)
    } + matched.compactMap { doubt(of: $0, condition.test) }
      + unmatched.map { "no host that was heard is named as \($0)" }
  }

  /// - Parameter subjects: Of the condition, none of which is meant instead.
  private func neverHeard(_ host: String, among subjects: [PeerSubject]) -> String {
    let others = heard.subtracting(subjects.map { "\($0)" })
    let nearest = Similarity.nearest(to: host, in: others.sorted()).map { ". Did you mean \($0)?" } ?? ""
    return "\(host) was never heard, so that it is unknown\(nearest)"
  }

  private func doubt(of host: String, _ test: ReadingTest) -> String? {
    guard case .reading(let key) = test.subject else { return nil }
    let readings = said[host] ?? [:]
    guard let value = readings[key.text] else {
      let nearest = Similarity.nearest(to: key.text, in: readings.keys.sorted()).map { ", but \($0)" } ?? ""
      return "\(host) says nothing of \(key)\(nearest), so that it is unknown"
    }
    switch test.mismatch(with: value) {
    case nil: return nil
    case .unit:
      return "\(host) says \(key)=\(value), and '\(test)' has another unit: it is unknown, for nothing is "
        + "converted"
    case .kind:
      return "\(host) says \(key)=\(value), and '\(test)' asks for "
        + (test.isOfNumber ? "a number" : "words") + ": it is unknown"
    }
  }
}
