// SPDX-License-Identifier: Apache-2.0

import Platform

/// In which state a rule is, and when it goes to another: all of its time.
///
/// A pure value; times are in nanoseconds of CLOCK_MONOTONIC. Whoever steps it at each change of what is
/// given, and at each `deadline`, misses nothing.
package struct RuleMachine: Equatable, Sendable {
  /// The raw values are those of the journal and of the control interface.
  package enum State: String, CaseIterable, Sendable {
    /// What it waits for is not so.
    case inactive
    /// It is so, not for long enough yet.
    case pending
    case active
    /// It should end, not for long enough yet.
    case releasing
    /// It was entered and left too often, and stays left for a while.
    case suspended

    /// Whether what an operator wired to the state is done.
    package var isEntered: Bool { self == .active || self == .releasing }
  }

  package private(set) var state = State.inactive
  /// When that began.
  package private(set) var since: Int64
  /// How often its state changed since the start.
  package private(set) var changes: UInt64 = 0
  /// When it was entered or left, as far as the limit asks.
  private(set) var flips: [Int64] = []
  /// Since when it is unknown whether it should end.
  private var unknownSince: Int64?
  /// Until when unknown ends nothing, after a restart: nobody can have been heard yet.
  private var adoptedUntil = Int64.min

  package init(at time: Int64) { since = time }

  /// Goes on by one state at most; by two where a span is 0.
  ///
  /// - Parameters:
  ///   - when: Whether all of `when` hold.
  ///   - until: Whether any of `until` holds.
  /// - Returns: Whether the state is another one.
  package mutating func step(_ rule: Rule, when: Ternary, until: Ternary, at now: Int64) -> Bool {
    let old = state
    flips.removeAll { now - $0 > rule.flipLimit.span }
    switch state {
    case .suspended:
      if flips.isEmpty { enter(.inactive, at: now) }
    // The process before knew no more of it, or the limit is another one.
    case .inactive where flipsTooOften(rule), .pending where flipsTooOften(rule): enter(.suspended, at: now)
    case .inactive, .pending:
      guard when == .yes, until != .yes else {
        enter(.inactive, at: now)
        break
      }
      enter(.pending, at: now)
      guard now - since >= rule.holdsFor else { break }
      // Held from now on, however long it was unknown before; and it is not the state that was taken up.
      (unknownSince, adoptedUntil) = (until == .perhaps ? now : nil, .min)
      flips.append(now)
      enter(.active, at: now)
    case .active, .releasing:
      unknownSince = until == .perhaps ? unknownSince ?? now : nil
      guard until == .yes || (until == .perhaps && !isHeld(rule, at: now)) else {
        enter(.active, at: now)
        break
      }
      enter(.releasing, at: now)
      guard now - since >= rule.releasesFor else { break }
      flips.append(now)
      enter(.inactive, at: now)
    }
    if state == .inactive, flipsTooOften(rule) { enter(.suspended, at: now) }
    return state != old
  }

  private func flipsTooOften(_ rule: Rule) -> Bool { flips.count >= rule.flipLimit.count }

  /// When to step again although nothing changes; nil for never.
  package func deadline(_ rule: Rule, when: Ternary, until: Ternary, at now: Int64) -> Int64? {
    switch state {
    case .suspended: return flips.last.map { $0.adding(clamped: rule.flipLimit.span).adding(clamped: 1) }
    case .inactive: return when == .yes && until != .yes ? now : nil
    case .pending: return when == .yes && until != .yes ? since.adding(clamped: rule.holdsFor) : now
    case .active, .releasing:
      let ends = until == .yes || (until == .perhaps && !isHeld(rule, at: now))
      guard ends == (state == .releasing) else { return now }
      if ends { return since.adding(clamped: rule.releasesFor) }
      return until == .perhaps ? heldUntil(rule, at: now) : nil
    }
  }

  /// What the next process is to know of a rule, so that a restart does not lift `flip-limit`.
  package struct Stored: Codable, Equatable, Sendable {
    /// A raw value of `State`.
    var state: String
    var since: Int64
    var flips: [Int64]

    /// Whether its state was entered.
    var wasEntered: Bool { State(rawValue: state)?.isEntered ?? false }

    /// `since`, which may be any number in a file, as a time that there was.
    func since(at now: Int64) -> Int64 { max(0, min(since, now)) }
  }

  /// Nil where there is nothing to know.
  package var stored: Stored? {
    state.isEntered || !flips.isEmpty ? Stored(state: state.rawValue, since: since, flips: flips) : nil
  }

  /// Goes on with what the previous process knew; whether its state is entered `adopt` says.
  mutating func restore(_ stored: Stored, at now: Int64) {
    flips = stored.flips.suffix(RuleFile.mostFlips).filter { 0...max(0, now) ~= $0 }.sorted()
    if stored.state == State.suspended.rawValue, !flips.isEmpty {
      enter(.suspended, at: stored.since(at: now))
    }
  }

  /// Takes up a state that is entered already, when the process begins.
  ///
  /// - Parameters:
  ///   - stored: What the previous process knew.
  ///   - grace: For how long unknown does not end it, in nanoseconds.
  package mutating func adopt(_ stored: Stored? = nil, at now: Int64, grace: Int64) {
    guard !state.isEntered else { return }
    enter(.active, at: stored.map { $0.wasEntered ? $0.since(at: now) : now } ?? now)
    (unknownSince, adoptedUntil) = (nil, now.adding(clamped: grace))
  }

  /// Its state was entered, and was left while nobody decided on it.
  mutating func noteLoss(at now: Int64) { flips.append(now) }

  /// Its rule has other conditions or spans: it begins anew to wait, and what is entered stays so.
  mutating func reconsider(at now: Int64) {
    if state == .pending { enter(.inactive, at: now) }
    unknownSince = nil
  }

  private mutating func enter(_ new: State, at now: Int64) {
    guard new != state else { return }
    (state, since) = (new, now)
    changes += 1
  }

  /// Whether it goes on although it is unknown whether it should end.
  private func isHeld(_ rule: Rule, at now: Int64) -> Bool {
    heldUntil(rule, at: now).map { now < $0 } ?? false
  }

  private func heldUntil(_ rule: Rule, at now: Int64) -> Int64? {
    let held = rule.onUnknown == .hold ? (unknownSince ?? now).adding(clamped: rule.holdFor) : nil
    return max(held ?? .min, adoptedUntil) == .min ? nil : max(held ?? .min, adoptedUntil)
  }
}
