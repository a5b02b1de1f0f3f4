// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Liveness
import Monitor
import Platform
import Rules

/// What happened in a fleet.
package struct FleetCounts: Sendable {
  package internal(set) var transitions = 0
  package internal(set) var entered = 0
  package internal(set) var left = 0
  package internal(set) var suspended = 0
  package internal(set) var adopted = 0
  /// Heartbeats that somebody recorded and a host had not heard before; and those of them that were older
  /// than facts may be.
  package internal(set) var replayed = 0
  package internal(set) var replayedLate = 0

  package init() {}

  package mutating func add(_ other: FleetCounts) {
    transitions += other.transitions
    entered += other.entered
    left += other.left
    suspended += other.suspended
    adopted += other.adopted
    replayed += other.replayed
    replayedLate += other.replayedLate
  }
}

// What `Daemon` does of rules: they are read, states are taken up, followed and kept for the next process.
extension ReadingsWorld {
  private static let state = RuleName(FleetRule.name)
  /// Time from one checkpoint to the next, in nanoseconds: where something was told, and where nothing was.
  private static let checkpointed: (told: Int64, quiet: Int64) = (.seconds(9), .seconds(60))

  func fleetBook(of host: ReadingsHost) -> FleetBook? {
    guard let plan = scenario.fleet else { return nil }
    let members = plan.rule.members.map { FleetBook.Member(senders: senders[$0] ?? []) }
    return FleetBook(
      plan.rule, members, isReplaced: scenario.mode == .sign, at: host.clock.monotonic(now))
  }

  func startRules(_ process: ReadingsProcess, of host: ReadingsHost) {
    guard let rules, let state = Self.state else { return }
    let time = host.clock.monotonic(now)
    let wasEntered = host.fleet.isEntered
    let directives = process.monitor.handle(.rules(rules, entered: wasEntered ? [state] : []), at: time)
    takeRules(directives, process, of: host, at: time)
    if wasEntered, !host.fleet.isEntered, !process.isLimited {
      fail(.kept, host.number, "the state was left by a restart")
    }
    saveCheckpoint(process, of: host, at: time)
  }

  func saveCheckpoint(_ process: ReadingsProcess, of host: ReadingsHost, at time: Int64) {
    guard scenario.fleet != nil else { return }
    process.hasTold = false
    host.fleet.checkpoint = FleetHost.Checkpoint(
      time: time, rules: process.monitor.rules.stored, accepted: process.monitor.accepted.stored)
  }

  func tickFleet(_ process: ReadingsProcess, of host: ReadingsHost) {
    let time = host.clock.monotonic(now)
    let age = time - (host.fleet.checkpoint?.time ?? FleetBook.never)
    if age >= (process.hasTold ? Self.checkpointed.told : Self.checkpointed.quiet) {
      saveCheckpoint(process, of: host, at: time)
    }
    process.book?.advance(to: time)
    checkRule(process, of: host, at: time)
    checkEnds(process, of: host, at: time)
  }

  /// The process ends: as systemd has it the target goes with it, but in a restart.
  func endRules(_ process: ReadingsProcess, of host: ReadingsHost, isClean: Bool) {
    let time = host.clock.monotonic(now)
    if isClean {
      saveCheckpoint(process, of: host, at: time)
      if host.fleet.isRestarting { return }
    }
    host.fleet.flip(to: false, at: time)
    checkFlips(of: host)
  }

  /// What a monitor tells.
  func takeRules(
    _ directives: [Directive], _ process: ReadingsProcess, of host: ReadingsHost, at time: Int64
  ) {
    guard scenario.fleet != nil else { return }
    process.book?.advance(to: time)
    for directive in directives {
      guard case .tell(let event) = directive else { continue }
      process.hasTold = true
      guard case .rule(let event) = event else { continue }
      switch event {
      case .changed(let transition): take(transition, process, of: host)
      case .state(_, let isEntered, _, let since):
        trace(host.number, "state \(isEntered ? "entered" : "left")")
        mix(UInt64(bitPattern: since) &+ (isEntered ? 1 : 0))
        checkTold(since, process, of: host, at: time)
        host.fleet.flip(to: isEntered, at: since)
        checkFlips(of: host)
        // At once, or a daemon that crashes again and again would know of no limit.
        saveCheckpoint(process, of: host, at: time)
      case .leftOut, .mended, .suppressed: break
      }
    }
  }

  private func take(_ transition: RuleTransition, _ process: ReadingsProcess, of host: ReadingsHost) {
    fleetCounts.transitions += 1
    trace(host.number, "rule \(transition.from) to \(transition.to), \(transition.cause)")
    process.isLimited = transition.to == .suspended
    if transition.to == .suspended { fleetCounts.suspended += 1 }
    if transition.cause == .adopted {
      fleetCounts.adopted += 1
      process.adoptedUntil = transition.time + max(.seconds(5), 5 * host.interval)
    } else if transition.to.isEntered, !transition.from.isEntered {
      fleetCounts.entered += 1
      process.adoptedUntil = FleetBook.never
      checkEntered(process, of: host, at: transition.time)
    } else if transition.from.isEntered, !transition.to.isEntered {
      fleetCounts.left += 1
      checkLeft(process, of: host, at: transition.time)
    }
  }

  // MARK: Hearing

  /// A process read a datagram.
  func noteFleet(_ datagram: Sent, _ process: ReadingsProcess, of host: ReadingsHost, at arrival: Int64) {
    let sender = datagram.sender
    guard datagram.kind != .forged, sender != host.number, let book = process.book,
      member(sender) != nil, hosts[sender].plan.name != host.plan.name
    else { return }
    // No heartbeat counts twice where it has to be proved.
    let fact = FleetFact(books[sender].versions[datagram.version].words)
    guard scenario.mode == .off || !book.hasRead(datagram.order, of: sender) else { return }
    if datagram.kind == .replayed {
      let age = now - (datagram.recorded ?? datagram.time)
      // What it says has to be of now: within 5 s or three intervals, by clocks that differ by 5 s.
      if age > max(.seconds(5), 3 * datagram.interval) + .seconds(5) { return }
      guard book.isNews(datagram.order, of: sender) else { return }
      fleetCounts.replayed += 1
      if age > book.rule.fresh ?? 5 * datagram.interval { fleetCounts.replayedLate += 1 }
      process.book?.noteRecorded(
        fact, order: datagram.order, of: sender, every: datagram.interval, at: arrival)
      return
    }
    process.book?.note(
      fact, order: datagram.order, of: sender,
      every: datagram.interval, isGoodbye: datagram.isGoodbye, at: arrival)
  }

  /// What a host says itself.
  func noteOwn(_ process: ReadingsProcess, of host: ReadingsHost) {
    guard let member = member(host.number), process.book != nil else { return }
    let words = process.said.readings.map { WireWords.Word(key: $0.id.word, value: $0.value.text) }
    process.book?.say(FleetFact(words), as: member, at: host.clock.monotonic(now))
  }
}
