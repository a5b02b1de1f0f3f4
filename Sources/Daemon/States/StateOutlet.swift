// SPDX-License-Identifier: Apache-2.0

import Monitor
import Platform
import Synchronization
import Systemd

/// What follows from the states of rules: their targets are started and stopped, and their files are kept.
/// On a queue of its own, on which nothing waits; who tells it of a state never waits either.
///
/// `StateTargets` and `StateFiles` decide; this carries it out.
package actor StateOutlet {
  nonisolated let executor = QueueExecutor(label: "mcastd.states")
  package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  /// Nanoseconds between two tries of files that could not be written.
  private static let repairDelay: Int64 = 1_000_000_000
  /// How long the start waits for systemd to say which targets are active. systemd answers within
  /// milliseconds; a bus that hangs must not keep the heartbeats back.
  private static let adoptionLimit = Duration.seconds(2)

  private enum Change: Sendable {
    case follow(Set<String>)
    case set(String, isActive: Bool, rule: String?, time: Int64)
  }

  private struct Mailbox {
    var waiting: [Change] = []
    /// `take` runs, or is about to.
    var isTaking = false
  }

  private let instance: String?
  private let units: UnitControl
  private let report: @Sendable (Event) -> Void
  private let mailbox = Mutex(Mailbox())
  private var targets = StateTargets()
  private var files: StateFiles
  /// Active at the start.
  private var adopted: Set<String> = []
  /// What the previous process left as active, until the first `follow`.
  private var left: [String: Bool]?
  private var repairDue: Int64?
  private lazy var timer = DeadlineTimer(queue: executor.queue) { [weak self] in
    self?.assumeIsolated { $0.work() }
  }

  /// - Parameters:
  ///   - instance: NAME of `mcastd@NAME.service`; nil for `mcastd.service`.
  ///   - directory: The runtime directory; nil for no files.
  ///   - report: Gets what is to be told, on the queue.
  package init(
    instance: String?, directory: String?, units: UnitControl = UnitControl(),
    report: @escaping @Sendable (Event) -> Void
  ) {
    (self.instance, self.units, self.report) = (instance, units, report)
    files = StateFiles(directory: StateDirectory(runtime: directory))
  }

  /// NAME of `mcastd@NAME.service` by its runtime directory, `/run/mcastd-NAME`; nil for another.
  package static func instance(runtimeDirectory: String?) -> String? {
    let name = runtimeDirectory?.split(separator: "/").last ?? ""
    return name.hasPrefix("mcastd-") ? String(name.dropFirst("mcastd-".count)) : nil
  }

  // MARK: States

  /// Takes up the states as the previous process left them, before `follow`: a restart of the daemon flips
  /// nothing. The real state of a target counts. Where that could not be learned within two seconds, or the
  /// target had been refused, the state's file does, unless states were released when that process ended.
  ///
  /// - Returns: Whether each is active; what is not known is left out.
  package func adopt(_ names: Set<String>) async -> [String: Bool] {
    let found = await activeTargets(names)
    let left = files.left()
    self.left = left
    var states = found
    for (name, isRefused) in left where names.contains(name) && (isRefused || found[name] == nil) {
      states[name] = true
    }
    targets.adopt(found, as: states)
    adopted = Set(states.filter(\.value).keys)
    return states
  }

  private func activeTargets(_ names: Set<String>) async -> [String: Bool] {
    let units = Dictionary(
      names.compactMap { name in (try? StateUnit(state: name, instance: instance)).map { ($0, name) } }
    ) { $1 }
    guard !units.isEmpty,
      let found = try? await self.units.areActive(Array(units.keys), within: Self.adoptionLimit)
    else { return [:] }
    return units.reduce(into: [:]) { $0[$1.value] = found[$1.key.name] }
  }

  /// Which states there are; from any thread. At the start `adopt` comes before it. States that are gone are
  /// released, those of the previous process included. One that is new is inactive, unless `adopt` found it
  /// active.
  package nonisolated func follow(_ states: Set<String>) { take(.follow(states)) }

  /// A state was entered or left: from any thread, in the order of the transitions. What is so already does
  /// nothing to the target.
  ///
  /// - Parameters:
  ///   - rule: Which decided.
  ///   - time: In nanoseconds of CLOCK_MONOTONIC.
  package nonisolated func set(_ state: String, isActive: Bool, rule: String?, at time: Int64) {
    take(.set(state, isActive: isActive, rule: rule, time: Clocks.epochMicroseconds(ofMonotonic: time)))
  }

  /// What systemd says of the target of a state.
  ///
  /// - Throws: `UnitRefusal`.
  package nonisolated func target(of state: String) async throws(UnitRefusal) -> (StateUnit, UnitState) {
    let unit: StateUnit
    do throws(StateUnit.Unusable) { unit = try StateUnit(state: state, instance: instance) } catch {
      throw .unusable(error)
    }
    return (unit, try await units.state(of: unit))
  }

  /// The name of a state's target; empty where it can have none.
  package nonisolated func unitName(of state: String) -> String {
    (try? StateUnit(state: state, instance: instance))?.name ?? ""
  }

  /// Repairs files that somebody removed: to be called each few seconds, by whatever is awake anyway.
  package func compareFiles() {
    files.compare()
    work()
  }

  /// Returns when all that was told so far is in the files, and every call has its answer.
  package func settle() async {
    while mailbox.withLock({ $0.isTaking }) || targets.isCalling { await executor.pause(milliseconds: 1) }
  }

  private nonisolated func take(_ change: Change) {
    let isFirst = mailbox.withLock { mailbox in
      mailbox.waiting.append(change)
      defer { mailbox.isTaking = true }
      return !mailbox.isTaking
    }
    if isFirst { executor.queue.async { self.assumeIsolated { $0.takeChanges() } } }
  }

  private func takeChanges() {
    let changes = mailbox.withLock { mailbox in
      defer { (mailbox.waiting, mailbox.isTaking) = ([], false) }
      return mailbox.waiting
    }
    for change in changes {
      switch change {
      case .follow(let states): take(states)
      case .set(let state, let isActive, let rule, let time):
        files.set(state, isActive: isActive, rule: rule, time: time)
        targets.set(state, isActive: isActive)
      }
    }
    work()
  }

  private func take(_ states: Set<String>) {
    for state in (left ?? files.left()).keys where !states.contains(state) {
      if (try? StateUnit(state: state, instance: instance)) != nil { targets.release(state) }
    }
    left = [:]
    files.follow(states, active: adopted, time: Clocks.realtime() / 1000)
    adopted = []
    targets.follow(states)
  }

  // MARK: Work

  /// Does what is due.
  private func work() {
    let now = Clocks.monotonic()
    let isDue = repairDue.map { $0 <= now } ?? false
    if let change = isDue ? files.repair() : files.takeHealth() {
      report(
        change.event(
          of: "states", consequence: "Units that watch them may not see that a state was entered or left."))
    }
    if isDue { repairDue = nil }
    if files.isStale { repairDue = repairDue ?? now + Self.repairDelay }
    for call in targets.takeCalls(now: now) {
      Task(executorPreference: executor) { await self.perform(call) }
    }
    timer.set([repairDue, targets.nextDue].compactMap { $0 }.min())
  }

  private func perform(_ call: StateTargets.Call) async {
    let name: String
    let answer: UnitControl.Answer
    do throws(StateUnit.Unusable) {
      let unit = try StateUnit(state: call.state, instance: instance)
      name = unit.name
      answer = call.isStart ? await units.start(unit) : await units.stop(unit)
    } catch {
      (name, answer) = ("mcastd-state@\(call.state).target", .refused(.unusable(error)))
    }
    if call.isStart { files.note(call.state, isRefused: answer != .queued) }
    for event in targets.note(call, answer, unit: name, now: Clocks.monotonic()) { report(.states(event)) }
    work()
  }
}
