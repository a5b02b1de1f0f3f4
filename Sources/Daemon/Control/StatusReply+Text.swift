// SPDX-License-Identifier: Apache-2.0

import EventLoop
import Settings

extension StatusReply {
  /// For people.
  func text() -> ConsoleText {
    let seconds = (MonotonicClock.wallClock() / 1000 - startedUsec) / 1_000_000
    var rows: [(String, String)] = [
      ("status", status), ("version", version), ("running for", Self.uptime(seconds)),
      ("received", "\(received) = \(logged) logged + \(summarised) summarised + \(queued) queued"),
      ("kernel dropped", "\(kernelDropped)"), ("truncated", "\(truncated)"), ("foreign", "\(foreign)"),
      ("sent", "\(sent)"), ("send failed", "\(sendFailed)"),
    ]
    for membership in memberships {
      let from = membership.sources.isEmpty ? "" : " from \(membership.sources.joined(separator: ", "))"
      rows.append(("member of", "\(membership.group):\(membership.port) on \(membership.interface)\(from)"))
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
      let age = Self.uptime(max(0, now - condition.sinceUsec) / 1_000_000)
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

  private static func uptime(_ seconds: Int64) -> String {
    let (days, hours, minutes) = (seconds / 86400, seconds / 3600 % 24, seconds / 60 % 60)
    if days > 0 { return "\(days) d \(hours) h" }
    if hours > 0 { return "\(hours) h \(minutes) min" }
    return minutes > 0 ? "\(minutes) min \(seconds % 60) s" : "\(seconds) s"
  }
}
