// SPDX-License-Identifier: Apache-2.0

/// What a host says, as far as the rule of a fleet asks.
struct FleetFact: Equatable {
  /// Nil where that is not said, or `?`.
  var status: String?
  var temperature: Double?

  init(_ words: [WireWords.Word]) {
    for word in words where !word.isUnknown {
      if word.key == FleetRule.status { status = word.value }
      if word.key == FleetRule.temperature { temperature = Double(word.value.dropLast()) }
    }
  }

  func has(_ word: Substring) -> Bool? { status.map { $0.split(separator: " ").contains(word) } }
}

/// What a process may know of the hosts that its rule asks, by what the world knows of each datagram
/// that it read; and what the rule may be by that, from its start on. No code of the daemon has a part in it.
///
/// Times are in nanoseconds of the host's CLOCK_MONOTONIC.
struct FleetBook {
  /// What clocks, timers and roundings may differ by, in nanoseconds.
  static let slack: Int64 = 5_000_000
  /// Heartbeats after which a sender is surely taken note of: who is heard once is no peer.
  private static let readsOfKnown = 3
  private static let freshBeats: Int64 = 5
  /// Before all times, and far enough from the least number.
  static let never = Int64.min / 4

  /// What was read of a sender.
  private struct Hearing {
    var newest: FleetFact?
    /// Of the heartbeat that said so, among all that it sent.
    var order = -1
    /// Until when that is surely fresh, and after which it surely is not.
    var freshUntil = never
    var staleAfter = never
    var reads = 0
    var isKnown = false
    /// When the first was.
    var first = Int64.max
    /// Those that were recorded and are new here, until one is read that was sent later: each may count.
    var recorded: [(fact: FleetFact, order: Int, staleAfter: Int64)] = []
    /// The numbers of those that were read, where none counts twice.
    var seen: Set<Int> = []
  }

  /// One of those that the rule asks, and who uses its name.
  struct Member {
    var senders: [Int]
    var isShared: Bool { senders.count > 1 }
  }

  /// What the rule may be from a time on.
  struct Segment {
    var start: Int64
    var lines: [Possible]
    var when: Possible
    var until: Possible
  }

  let rule: FleetRule
  let members: [Member]
  /// What this host says itself, where it is a member; nil where it is none.
  private var own: (member: Int, fact: FleetFact)?
  private var hearings: [Int: Hearing] = [:]
  /// By member: until when its name is surely found to be used twice.
  private var contestedUntil: [Int64]
  /// Whether what is not authentic may take the place of what is stale.
  private let isReplaced: Bool
  private(set) var clock: Int64
  private(set) var segments: [Segment] = []

  init(_ rule: FleetRule, _ members: [Member], isReplaced: Bool, at time: Int64) {
    (self.rule, self.members, self.isReplaced, clock) = (rule, members, isReplaced, time)
    contestedUntil = Array(repeating: Self.never, count: members.count)
    evaluate(from: time)
  }

  // MARK: What is read

  /// This host says this from now on.
  mutating func say(_ fact: FleetFact, as member: Int, at time: Int64) {
    advance(to: time)
    own = (member, fact)
    evaluate(from: clock)
  }

  /// Whether a heartbeat was read before.
  func hasRead(_ order: Int, of sender: Int) -> Bool { hearings[sender]?.seen.contains(order) == true }

  /// Whether a heartbeat was sent after all that were read.
  func isNews(_ order: Int, of sender: Int) -> Bool {
    guard let hearing = hearings[sender] else { return true }
    return order > hearing.order
  }

  /// A heartbeat was read that somebody recorded, and that may count.
  mutating func noteRecorded(
    _ fact: FleetFact, order: Int, of sender: Int, every interval: Int64, at arrival: Int64
  ) {
    advance(to: arrival)
    guard isNews(order, of: sender) else { return }
    var hearing = hearings[sender] ?? Hearing()
    hearing.recorded.append((fact, order, arrival + (rule.fresh ?? Self.freshBeats * interval)))
    hearing.freshUntil = Self.never
    hearing.seen.insert(order)
    hearings[sender] = hearing
    evaluate(from: clock)
  }

  /// A heartbeat was read that counts.
  mutating func note(
    _ fact: FleetFact, order: Int, of sender: Int, every interval: Int64, isGoodbye: Bool, at arrival: Int64
  ) {
    advance(to: arrival)
    var hearing = hearings[sender] ?? Hearing()
    let fresh = rule.fresh ?? Self.freshBeats * interval
    if order > hearing.order {
      (hearing.newest, hearing.order) = (fact, order)
      hearing.recorded.removeAll { $0.order < order }
      let end = arrival + (isReplaced ? min(fresh, Self.freshBeats * interval) : fresh)
      hearing.freshUntil = hearing.recorded.isEmpty ? end : Self.never
    }
    hearing.staleAfter = max(hearing.staleAfter, arrival + fresh)
    // What is sent at the same time says no more than one.
    if !isGoodbye { (hearing.reads, hearing.first) = (hearing.reads + 1, min(hearing.first, arrival)) }
    hearing.isKnown =
      hearing.isKnown || hearing.reads >= Self.readsOfKnown && arrival - hearing.first >= interval / 2
    hearing.seen.insert(order)
    hearings[sender] = hearing
    evaluate(from: clock)
  }

  /// The name of a member is surely found to be used twice, until then.
  mutating func setContested(_ member: Int, until time: Int64) {
    contestedUntil[member] = time
    evaluate(from: clock)
  }

  // MARK: What follows

  mutating func advance(to time: Int64) {
    while let next = nextChange, next < time {
      clock = next
      evaluate(from: next + 1)
    }
    clock = max(clock, time)
  }

  /// The last moment at which all is as it is.
  private var nextChange: Int64? {
    var next = Int64.max
    for hearing in hearings.values {
      let ends =
        [hearing.freshUntil - Self.slack, hearing.staleAfter + Self.slack]
        + hearing.recorded.map { $0.staleAfter + Self.slack }
      for end in ends where end > clock { next = min(next, end) }
    }
    for end in contestedUntil where end > clock { next = min(next, end) }
    return next < .max ? next : nil
  }

  private mutating func evaluate(from time: Int64) {
    let upsOut = rule.ups.indices.map { member in
      possible(member, at: time) { $0.has("OB") }
    }
    let isCool = rule.racks.indices.map { place in
      possible(rule.ups.count + place, at: time) { $0.temperature.map { $0 < FleetRule.cool } }
    }
    let needed = rule.needed ?? rule.ups.count
    var lines = [Possible.quorum(needed, of: upsOut), .all(isCool)]
    let when = Possible.all(lines)
    var until = when.negated
    if rule.hasUntil {
      let upsOn = rule.ups.indices.map { member in possible(member, at: time) { $0.has("OL") } }
      let isHot = rule.racks.indices.map { place in
        possible(rule.ups.count + place, at: time) { $0.temperature.map { $0 >= FleetRule.hot } }
      }
      lines += [.quorum(needed, of: upsOn), .any(isHot)]
      until = .any(Array(lines[2...]))
    }
    if let last = segments.last, last.lines == lines { return }
    segments.append(Segment(start: time, lines: lines, when: when, until: until))
  }

  private func possible(_ member: Int, at time: Int64, _ test: (FleetFact) -> Bool?) -> Possible {
    let isShared = members[member].isShared
    if let own, own.member == member {
      return isShared ? [.certain(test(own.fact)), .unknown] : .certain(test(own.fact))
    }
    if time <= contestedUntil[member] { return .unknown }
    var result = isShared ? Possible.unknown : []
    for sender in members[member].senders {
      guard let hearing = hearings[sender] else { continue }
      for recorded in hearing.recorded where time <= recorded.staleAfter + Self.slack {
        result.insert(.certain(test(recorded.fact)))
      }
      guard let fact = hearing.newest else { continue }
      if !isShared, hearing.isKnown, time <= hearing.freshUntil - Self.slack {
        return .certain(test(fact))
      }
      if time <= hearing.staleAfter + Self.slack { result.insert(.certain(test(fact))) }
    }
    return result.union(.unknown)
  }

  // MARK: What was

  var current: Segment { segments[segments.count - 1] }

  /// What it was last, each with the nanoseconds before a time at which that began.
  func history(before time: Int64) -> String {
    segments.suffix(8).map { segment in
      "\(time - segment.start): when \(segment.when), until \(segment.until) by \(segment.lines)"
    }.joined(separator: "; ")
  }

  /// The last moment up to a time at which something was so; nil for none since the start.
  func last(upTo time: Int64, where isSo: (Segment) -> Bool) -> Int64? {
    var end = Int64.max
    for segment in segments.reversed() {
      if segment.start <= time, isSo(segment) { return min(time, end) }
      end = segment.start
    }
    return nil
  }

  /// Whether something may have been so for all of a span that ended at a time.
  func mayHaveBeen(_ span: Int64, until time: Int64, where isSo: (Segment) -> Bool) -> Bool {
    if span <= Self.slack {
      let from = time - span - Self.slack
      var end = Int64.max
      for segment in segments.reversed() {
        if segment.start <= time + Self.slack, end >= from, isSo(segment) { return true }
        end = segment.start
      }
      return false
    }
    guard let last = last(upTo: time - Self.slack, where: { !isSo($0) }) else {
      return time - span >= segments[0].start - Self.slack
    }
    return last <= time - span + Self.slack
  }
}
