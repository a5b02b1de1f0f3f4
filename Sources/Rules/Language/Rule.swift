// SPDX-License-Identifier: Apache-2.0

import Platform

/// When a state is entered and when it is left, as an operator wrote it (mcastd.rule(5)).
///
/// Spans are in nanoseconds.
package struct Rule: Equatable, Sendable {
  /// What becomes of the state while it is unknown whether it should end.
  package enum OnUnknown: String, CaseIterable, Sendable {
    /// It ends as if it should.
    case release
    /// It goes on, for `holdFor` at most.
    case hold
  }

  /// Whose word counts, where heartbeats are authenticated.
  package enum Authenticated: String, CaseIterable, Sendable {
    /// What is authentic (`mac=` or `sig=`).
    case yes
    /// Everybody's.
    case no
    /// What is signed (`sig=`).
    case signed
  }

  /// How often the state may be entered or left before the rule is suspended.
  package struct FlipLimit: Equatable, Sendable {
    /// At least 2.
    package var count: Int
    /// Within this time; also how long it is suspended.
    package var span: Int64

    package init(count: Int, span: Int64) {
      self.count = count
      self.span = span
    }
  }

  /// What the word of a host has to be, to count.
  package struct Terms: Hashable, Sendable {
    /// How old it may be; nil for `HostFacts.freshBeats` of its beats.
    package var fresh: Int64?
    package var authenticated = Authenticated.yes

    package init() {}
  }

  /// Of its file.
  package var name: RuleName
  /// The state that it feeds, its own name unless given. Several rules may feed one.
  package var state: RuleName
  /// For people; may be empty.
  package var description = ""
  /// All of these must hold; at least one.
  package var when: [RuleCondition]
  /// Any of these ends the state; where there is none it ends when `when` does not hold.
  package var until: [RuleCondition] = []
  /// How long `when` must hold without a break.
  package var holdsFor: Int64 = 10_000_000_000
  /// How long it must be over; nil for as long as `holdsFor`.
  package var releaseFor: Int64?
  package var onUnknown = OnUnknown.release
  /// How long `OnUnknown.hold` holds.
  package var holdFor: Int64 = 600_000_000_000
  package var flipLimit = FlipLimit(count: 6, span: 3_600_000_000_000)
  package var terms = Terms()
  /// Whether it is only told, and nothing is done.
  package var isDryRun = false

  /// A rule with all else by default.
  package init(_ name: RuleName, when: [RuleCondition]) {
    self.name = name
    state = name
    self.when = when
  }

  /// How long the end must hold.
  package var releasesFor: Int64 { releaseFor ?? holdsFor }

  /// Its conditions, first those of `when`.
  package var conditions: [RuleCondition] { when + until }

  /// Whether what it does depends on another host.
  package var needsOthers: Bool { conditions.contains { $0.hosts != .own } }
}
