// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Platform
import Rules

/// What a replay of the journal tells people of the journal.
package enum ReplayText {
  /// What there was to read, beside heartbeats.
  package struct Lines: Equatable {
    /// Entries that have no heartbeat.
    package var other = 0
    /// Those of which not all is there that has to be known.
    package var incomplete = 0
    /// Those whose payload is hidden.
    package var hidden = 0
    /// Lines that are no JSON object, or too long.
    package var broken = 0

    package init() {}
  }

  /// Local date and time, to the millisecond.
  ///
  /// - Parameter time: In nanoseconds of CLOCK_REALTIME.
  package static func time(_ time: Int64) -> String {
    String("\(CivilTime(realtime: time, zone: .local))".dropLast(3))
  }

  /// What was in the journal, and how much of it can be relied on, in lines.
  ///
  /// - Parameter own: What the daemon calls itself; nil where it is not known.
  package static func summary(
    _ counts: JournalReplay.Counts, _ lines: Lines, rules: [Rule], own: HostName?, transitions: Int
  ) -> [ConsoleText] {
    let skipped = skipped(counts, lines)
    let leftOut: [ConsoleText] = skipped.isEmpty ? [] : ["left out: \(skipped)"]
    guard let first = counts.first, let last = counts.last else {
      return ["no heartbeats"] + leftOut + [
        "Call it as in: journalctl -u mcastd -o json --all MCAST_KIND=heartbeat | "
          + "mcastd rules test RULE --journal -",
        "Heartbeats are in the journal only with log.heartbeats=yes, and as far as log.rate allows.",
      ]
    }
    let head: ConsoleText =
      "\(time(last))  end: \(counts.heartbeats) \(RuleTestText.noun(counts.heartbeats, "heartbeat")) since "
      + "\(time(first)), \(transitions) \(RuleTestText.noun(transitions, "change")) of state"
    return [head] + leftOut + disorder(counts) + doubts(counts, rules: rules, own: own)
  }

  private static func disorder(_ counts: JournalReplay.Counts) -> [ConsoleText] {
    var lines: [ConsoleText] = []
    if counts.outOfOrder > 0 {
      lines.append("\(counts.outOfOrder) received before the one before them: taken at its time")
    }
    if counts.clockSteps > 0 {
      lines.append(
        "the clock was set back \(counts.clockSteps) \(RuleTestText.noun(counts.clockSteps, "time"))")
    }
    if counts.gaps > 0 {
      lines.append(
        "\(counts.gaps) \(RuleTestText.noun(counts.gaps, "gap")) without any heartbeat, in which nothing is "
          + "known; the longest \(DurationText.words(counts.longestGap)) from \(time(counts.gapBegan))")
    }
    return lines
  }

  /// Why a rule may find less here than in the daemon.
  private static func doubts(
    _ counts: JournalReplay.Counts, rules: [Rule], own: HostName?
  ) -> [ConsoleText] {
    var lines: [ConsoleText] = []
    let needsProof = rules.contains { $0.needsOthers && $0.terms.authenticated != .no }
    if needsProof, counts.checked == 0, counts.own < counts.heartbeats {
      lines.append(
        "No heartbeat has MCAST_AUTH: auth.mode was off, and nothing that other hosts said counts for a rule "
          + "without authenticated=no.")
    }
    let needsOwn = rules.contains { rule in rule.conditions.contains { $0.hosts == .own } }
    if needsOwn, counts.own == 0 {
      let name: ConsoleText = own.map { "of this host (\($0))" } ?? "of this host"
      lines.append(
        "No heartbeat \(name) is there: conditions without hosts are unknown. --name says what it called "
          + "itself.")
    }
    return lines
  }

  /// What is no heartbeat of the daemon.
  private static func skipped(_ counts: JournalReplay.Counts, _ lines: Lines) -> ConsoleText {
    let all: [(count: Int, what: ConsoleText)] = [
      (lines.other, "other entries"), (lines.broken, "lines that are no JSON"),
      (lines.hidden, "payloads that journalctl shows with --all only"),
      (lines.incomplete, "entries without all fields"),
      (counts.noHeartbeats, "entries that are no heartbeat of a possible time"),
      (counts.otherRecorders, "entries of another daemon or group than the first"),
      (counts.otherInterfaces, "entries of too many interfaces"),
    ]
    return all.filter { $0.count > 0 }.reduce("") { text, entry in
      text + (text.isEmpty ? "" : ", ") + "\(entry.what) (\(entry.count))"
    }
  }
}
