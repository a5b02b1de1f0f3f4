// SPDX-License-Identifier: Apache-2.0

import Monitor
import Systemd

/// What is to be done with the targets of states, and what is told of it. It acts on transitions only: an
/// operator who stops a target by hand is not fought. One call at a time for each target, and the newest wish
/// wins.
///
/// Times are in nanoseconds of CLOCK_MONOTONIC.
struct StateTargets {
  /// Starts or stops the target of a state.
  struct Call: Hashable, Sendable {
    var state: String
    var isStart: Bool
  }

  /// Calls at a time, of all targets.
  static let mostCalls = 16
  /// Targets that are remembered; states that are gone and cannot be released are dropped first.
  static let most = 4096
  /// Until the next try, after the first, second and every further refusal.
  private static let busDelays: [Int64] = [1_000_000_000, 5_000_000_000, delay]
  private static let delay: Int64 = 60_000_000_000

  private struct Target {
    /// What the state wants.
    var isWanted: Bool
    /// What the target was brought to, or found as; nil where that is not known.
    var isActive: Bool?
    /// The call that waits for its answer.
    var call: Call?
    /// Refusals in a row.
    var refusals = 0
    /// When it is tried again; nil where no refusal stands.
    var due: Int64?
    /// What was told of this target alone.
    var told: UnitRefusal?
    /// The state is gone, and the target is to be released.
    var isGone = false

    var isSettled: Bool { isWanted == isActive }
  }

  private var targets: [String: Target] = [:]
  /// States whose target is to be called now.
  private var ready = RetryQueue<String>()
  private var calls = 0
  /// Whether one call was made at least, or is to be.
  private var isTried = false
  /// What was told of all targets.
  private var toldCauses: Set<UnitRefusal.Cause> = []

  /// How many targets there are, in whatever state.
  var count: Int { targets.count }

  // MARK: Wishes

  /// How targets were found at the start, and how their states are taken up.
  ///
  /// - Parameters:
  ///   - found: Whether a target is active; not of those that could not be asked for.
  ///   - states: Whether a state is active.
  mutating func adopt(_ found: [String: Bool], as states: [String: Bool]) {
    for (state, isActive) in states where targets[state] == nil {
      targets[state] = Target(isWanted: isActive, isActive: found[state])
    }
  }

  /// Which states there are from now on. The others' targets are stopped. One of which nothing was found is
  /// stopped too: its state begins as inactive, and what is not known is not fine.
  mutating func follow(_ states: Set<String>) {
    for state in targets.keys where !states.contains(state) { release(state) }
    for state in states {
      targets[state, default: Target(isWanted: false)].isGone = false
      consider(state)
    }
    tryOne(of: states)
    dropSurplus()
  }

  /// Has one target stopped that is inactive already: that calls are refused is to be known before one is
  /// needed.
  private mutating func tryOne(of states: Set<String>) {
    guard !isTried, ready.isEmpty,
      let state = states.sorted().first(where: { targets[$0]?.isWanted == false })
    else { return }
    targets[state]?.isActive = nil
    consider(state)
  }

  /// Stops the target of a state that is gone, in whichever state that was left.
  mutating func release(_ state: String) {
    targets[state, default: Target(isWanted: false)].isWanted = false
    targets[state]?.isGone = true
    consider(state)
  }

  /// A state was entered or left. One that is gone stays gone.
  mutating func set(_ state: String, isActive: Bool) {
    guard targets[state]?.isWanted ?? false != isActive else { return }
    targets[state, default: Target(isWanted: isActive, isActive: false)].isWanted = isActive
    // A change is tried at once, whatever was refused before.
    targets[state]?.due = nil
    targets[state]?.refusals = 0
    consider(state)
  }

  private mutating func consider(_ state: String) {
    guard let target = targets[state], target.call == nil else { return }
    if target.isSettled {
      ready.remove(state)
      targets[state]?.due = nil
      targets[state]?.told = nil
      if target.isGone { targets[state] = nil }
    } else if target.due == nil {
      isTried = true
      ready.insert(state)
    }
  }

  /// Bounds what is remembered, over any number of reloads.
  private mutating func dropSurplus() {
    guard targets.count > Self.most else { return }
    let gone = targets.filter { $0.value.isGone && $0.value.call == nil }.keys.sorted()
    for state in gone.prefix(targets.count - Self.most) {
      targets[state] = nil
      ready.remove(state)
    }
  }

  // MARK: Calls

  /// Takes the calls that are to be made now; the answer of each goes to `note`.
  mutating func takeCalls(now: Int64) -> [Call] {
    for (state, target) in targets where target.due.map({ $0 <= now }) ?? false {
      targets[state]?.due = nil
      consider(state)
    }
    var taken: [Call] = []
    for state in ready.take(Self.mostCalls - calls) {
      guard let target = targets[state] else { continue }
      let call = Call(state: state, isStart: target.isWanted)
      targets[state]?.call = call
      taken.append(call)
    }
    calls += taken.count
    return taken
  }

  /// Whether a call waits for its answer, or is to be made.
  var isCalling: Bool { calls > 0 || !ready.isEmpty }

  /// When `takeCalls` has another one, if nothing happens before; nil for never.
  var nextDue: Int64? { targets.values.compactMap(\.due).min() }

  /// Takes the answer of a call.
  ///
  /// - Parameter unit: The target, for what is told.
  /// - Returns: What is to be told.
  mutating func note(_ call: Call, _ answer: UnitControl.Answer, unit: String, now: Int64) -> [StatesEvent] {
    guard targets[call.state]?.call == call else { return [] }
    targets[call.state]?.call = nil
    calls -= 1
    let events: [StatesEvent]
    switch answer {
    case .queued: events = accepted(call, unit)
    case .refused(let refusal): events = refused(call, unit, refusal, now: now)
    }
    consider(call.state)
    return events
  }

  private mutating func accepted(_ call: Call, _ unit: String) -> [StatesEvent] {
    let told = targets[call.state]?.told
    targets[call.state]?.isActive = call.isStart
    targets[call.state]?.refusals = 0
    targets[call.state]?.told = nil
    let isCommon = endCauses(UnitRefusal.Cause.allCases)
    guard isCommon || told != nil else { return [] }
    return [.accepted(state: call.state, unit: unit, isStart: call.isStart, isCommon: isCommon)]
  }

  private mutating func refused(
    _ call: Call, _ unit: String, _ refusal: UnitRefusal, now: Int64
  ) -> [StatesEvent] {
    // Where systemd answers, the way to it is free.
    switch refusal.cause {
    case nil: _ = endCauses(UnitRefusal.Cause.allCases)
    case .permission: _ = endCauses([.bus])
    case .bus: break
    }
    guard var target = targets[call.state] else { return [] }
    if refusal.isUncertain { target.isActive = nil }
    target.refusals += 1
    // Where the state has changed meanwhile, that is tried at once.
    if target.isWanted == call.isStart {
      let delays = refusal.cause == .bus ? Self.busDelays : [Self.delay]
      target.due = now + delays[min(target.refusals, delays.count) - 1]
    }
    // A bus that is restarted during a call is there again for the next.
    let isBrief = refusal == .disconnected && target.refusals == 1
    let isNews =
      if let cause = refusal.cause { !isBrief && toldCauses.insert(cause).inserted } else {
        target.told != refusal
      }
    target.told = refusal.cause == nil ? refusal : nil
    targets[call.state] = target
    guard isNews else { return [] }
    return [
      .refused(
        state: call.state, unit: unit, isStart: call.isStart, why: "\(refusal)",
        isCommon: refusal.cause != nil)
    ]
  }

  /// What all targets had to wait for is over: they are tried at once.
  ///
  /// - Returns: Whether it had been told.
  private mutating func endCauses(_ causes: [UnitRefusal.Cause]) -> Bool {
    guard !toldCauses.isDisjoint(with: causes) else { return false }
    toldCauses.subtract(causes)
    for (state, target) in targets where target.due != nil && target.told == nil {
      targets[state]?.due = nil
      consider(state)
    }
    return true
  }
}
