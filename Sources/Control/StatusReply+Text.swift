// SPDX-License-Identifier: Apache-2.0

import Liveness
import Platform
import Settings

extension StatusReply {
  /// For people.
  package func text() -> ConsoleText {
    var rows: [(String, String)] = [
      ("status", status), ("version", version), ("running for", DurationText.words(uptimeUsec * 1000)),
      ("received", "\(received) = \(logged) logged + \(summarised) summarised + \(queued) queued"),
      ("kernel dropped", "\(kernelDropped)"), ("truncated", "\(truncated)"), ("foreign", "\(foreign)"),
      ("sent", "\(sent)"), ("send failed", "\(sendFailed)"),
    ]
    for membership in memberships {
      let from = membership.sources.isEmpty ? "" : " from \(membership.sources.joined(separator: ", "))"
      // RFC 3986, 3.2.2: brackets tell an IPv6 address from its port.
      let group = membership.group.contains(":") ? "[\(membership.group)]" : membership.group
      rows.append(("member of", "\(group):\(membership.port) on \(membership.interface)\(from)"))
    }
    rows.append(
      (
        "peers",
        "\(peers.alive) alive, \(peers.late) late, \(peers.silent) silent, \(peers.unknown) unknown"
      ))
    let now = MonotonicClock.wallClock() / 1000
    for condition in conditions {
      let kind = Condition.Kind(rawValue: condition.condition)
      let text = kind?.text(on: [condition.interface]) ?? "\(condition.condition) on \(condition.interface)"
      let age = DurationText.words(max(0, now - condition.sinceUsec) * 1000)
      rows.append(("condition", "\(text) (for \(age))"))
    }
    rows += sendingOn.map { ("sending on", $0) }
    rows += waitingFor.map { ("waiting for", $0) }
    let named = Key.allCases.compactMap { key in settings[key.name].map { (key.name, $0) } }
    rows += named.filter { $0.1.origin != "default" }.map { ($0.0, "\($0.1.value)  (\($0.1.origin))") }
    let lines = rows.map { (name: "\($0)" as ConsoleText, value: $1) }
    let width = lines.map(\.name.width).max() ?? 0
    return lines.reduce(into: "") { $0 += "\($1.name.rightAligned(to: width)): \($1.value)\n" }
  }
}
