// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Platform
import Rules

/// The rule that all hosts of a fleet have: what its file says, and the same in numbers for the oracle.
///
/// Spans are in nanoseconds.
struct FleetRule {
  static let name = "fans"
  static let status = "ups.status"
  static let temperature = "temp.inlet"
  /// Below which it is cool, and from which on it is hot, in degrees.
  static let cool = 27.0
  static let hot = 30.0

  var ups: [HostName]
  var racks: [HostName]
  /// Of how many of `ups`; nil for all.
  var needed: Int?
  /// Whether it ends by conditions of its own, or where it would not begin.
  var hasUntil: Bool
  var holdsFor: Int64
  var releasesFor: Int64
  /// Nil for `HostFacts.freshBeats` beats.
  var fresh: Int64?
  /// How long it goes on while it is unknown whether it should; nil for `on-unknown=release`.
  var holdFor: Int64?
  var flips: Rule.FlipLimit
  var isAuthenticated = true

  init(_ random: inout Random) {
    ups = ["ups1", "ups2", "ups3"]
    racks = ["rack1", "rack2"]
    needed = random.pick([2, 2, 2, 2, 2, 2, 1, nil])
    hasUntil = random.chance(0.8)
    holdsFor = .milliseconds(random.pick([0, 500, 1000, 1000, 2000, 3000, 5000, 10_000]))
    releasesFor = .milliseconds(random.pick([0, 500, 1000, 2000, 5000]))
    fresh = random.chance(0.5) ? nil : .milliseconds(random.pick([2000, 3000, 7000, 12_000]))
    holdFor = random.chance(0.6) ? nil : .milliseconds(random.pick([1000, 3000, 8000, 20_000]))
    flips = Rule.FlipLimit(count: 2 + random.below(5), span: .seconds(random.pick([15, 30, 60])))
  }

  /// The hosts that it asks.
  var members: [HostName] { ups + racks }

  var text: String {
    func span(_ time: Int64) -> String { "\(time / 1_000_000)ms" }
    func list(_ hosts: [HostName]) -> String { hosts.map { "\($0)" }.joined(separator: ",") }
    let quantity = needed.map { "\($0)" } ?? "all"
    var lines = [
      "when=\(quantity) of \(list(ups)): \(Self.status) has OB",
      "when=all of \(list(racks)): \(Self.temperature) < \(Int(Self.cool))C",
      "for=\(span(holdsFor))", "release-for=\(span(releasesFor))",
      "on-unknown=\(holdFor == nil ? "release" : "hold")",
      "flip-limit=\(flips.count)/\(span(flips.span))",
      "authenticated=\(isAuthenticated ? "yes" : "no")",
    ]
    if hasUntil {
      lines.append("until=\(quantity) of \(list(ups)): \(Self.status) has OL")
      lines.append("until=any of \(list(racks)): \(Self.temperature) >= \(Int(Self.hot))C")
    }
    if let fresh { lines.append("fresh=\(span(fresh))") }
    if let holdFor { lines.append("hold-for=\(span(holdFor))") }
    return lines.joined(separator: "\n") + "\n"
  }

  /// As the daemon reads its file.
  var rule: Rule {
    guard let rule = try? RuleFile.parse(Array(text.utf8), path: "\(Self.name).rule") else {
      preconditionFailure("refused: \(text)")
    }
    return rule
  }
}
