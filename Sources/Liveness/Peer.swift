// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Platform

/// State of one peer: five cache lines and a half, of which a beat changes nearly all.
struct Peer: Equatable, Sendable {
  // In an order that leaves no gaps.

  /// The interval at which its beats arrive.
  private(set) var estimator: IntervalEstimator
  /// How many of its beats may be missing.
  private(set) var tolerance = Tolerance()
  /// `alive`, `late`, `silent`, `left` or `unknown`.
  private(set) var state: PeerState = .alive
  /// Whether the place in the roster is taken.
  var isListed = true
  /// Whether one beat was heard since it is silent.
  private(set) var isReturning = false
  /// Named in the configuration: never evicted.
  var isExpected = false
  /// Whether it had left, and was not silent, when it was gone last.
  private(set) var hadLeft = false
  /// What its last beat proves; nil where nothing has to be proved, and after a restart until the next beat.
  private(set) var proof: Proof?
  /// When the last silence began, in seconds of CLOCK_MONOTONIC.
  private(set) var silenceBegan: UInt32 = 0
  /// What its payloads tell.
  var statistics: ArrivalStatistics
  /// What its source ports tell.
  var ports: PortHistory
  /// Distinct beats, the first one included.
  var beats: UInt64 = 2
  /// When the first beat arrived, in nanoseconds of CLOCK_MONOTONIC.
  private(set) var firstHeard: Int64
  /// When the last beat arrived, in nanoseconds of CLOCK_MONOTONIC.
  private(set) var lastHeard: Int64
  /// The same on the listening clock, in nanoseconds.
  private(set) var lastListening: Int64
  /// The deadline under which the peer stands in the heap, in nanoseconds of the listening clock; never after
  /// `deadline`.
  var armed: Int64 = .max
  /// When the state began, in nanoseconds of CLOCK_MONOTONIC; silence begins with the last beat.
  private(set) var stateSince: Int64
  /// How long the last silence was, in nanoseconds.
  private(set) var silence: Int64 = 0
  /// When a datagram arrived last that was no heartbeat, in nanoseconds of CLOCK_MONOTONIC; -1 for never.
  private(set) var lastOther: Int64 = -1
  /// What the numbers of its beats tell.
  var sequence = BeatSequence()
  /// Where its last beat came from.
  var address: IPAddress
  /// The interval that it announces, in microseconds; 0 where it does not.
  private var announced: UInt32 = 0

  /// A peer that sent its second beat.
  ///
  /// - Parameters:
  ///   - beat: The second one.
  ///   - gap: Nanoseconds since the first.
  ///   - missing: How many are missing between the two, by their numbers.
  ///   - sequence: Their numbers.
  ///   - listening: The arrival on the listening clock, in nanoseconds.
  init(
    _ beat: HeartbeatArrival, gap: Int64, missing: UInt32 = 0, _ sequence: BeatSequence = BeatSequence(),
    listening: Int64
  ) {
    firstHeard = max(0, beat.arrival - max(0, gap))
    lastHeard = beat.arrival
    lastListening = listening
    stateSince = beat.arrival
    estimator = IntervalEstimator()
    estimator.note(gap: gap)
    announced = Self.announced(beat)
    proof = beat.proof
    statistics = ArrivalStatistics(beat)
    statistics.noteMissing(missing, isOurFault: false)
    ports = PortHistory(port: beat.port)
    self.sequence = sequence
    address = beat.address
  }

  private static func announced(_ beat: HeartbeatArrival) -> UInt32 {
    UInt32(clamping: beat.said.every / 1000)
  }

  /// A peer as 0.1.0 stored it. Its interval is learned again from the one that it had.
  init(_ old: PeerOfVersion1) {
    state = old.state
    isReturning = old.isReturning
    beats = old.beats
    estimator = IntervalEstimator(known: old.interval.interval)
    // For how long it was heard was not stored, and follows from its beats.
    let known = Int64(min(old.beats, 1000))
    firstHeard = max(0, max(0, old.lastHeard) - known * estimator.interval)
    address = .unspecified(.ipv4)
    lastHeard = old.lastHeard
    lastListening = old.lastListening
    stateSince = old.stateSince
    (statistics, ports, silence) = (old.statistics, old.ports, old.silence)
  }

  /// Notes a datagram that is no heartbeat.
  ///
  /// - Parameter arrival: Nanoseconds of CLOCK_MONOTONIC.
  mutating func noteOther(at arrival: Int64) { lastOther = max(lastOther, arrival) }

  /// The interval at which it is expected to be heard, in nanoseconds: what it announces, and what was
  /// learned where it does not.
  @inline(__always)
  var interval: Int64 { announced > 0 ? Int64(announced) * 1000 : estimator.interval }
  /// Whether it says itself at which interval it sends.
  var announcesInterval: Bool { announced > 0 }
  /// Notes a beat.
  ///
  /// - Parameters:
  ///   - listening: Its arrival on the listening clock, in nanoseconds.
  ///   - dropsUntil: Up to when the kernel is known to have dropped datagrams, in nanoseconds of
  ///     CLOCK_MONOTONIC.
  ///   - share: False alarms a year that are allowed for this peer.
  /// - Returns: What it brought about. To be read in place of the peer, which a caller would copy for it.
  mutating func hear(
    _ beat: HeartbeatArrival, listening: Int64, dropsUntil: Int64, share: Double
  ) -> Hearing {
    let (wasEstablished, wasContested) = (isEstablished, sequence.isContested)
    let change = note(beat, listening: listening, dropsUntil: dropsUntil, share: share)
    return Hearing(
      change: change, isEstablishedNow: isEstablished && !wasEstablished,
      bringsDeadlineForward: deadline < armed, isContestedNow: sequence.isContested && !wasContested)
  }

  private mutating func note(
    _ beat: HeartbeatArrival, listening: Int64, dropsUntil: Int64, share: Double
  ) -> Change? {
    let gap = max(0, beat.arrival - lastHeard)
    // A gap in which something could not be received is none of the sender's.
    let isOurs = dropsUntil > lastHeard
    let finding =
      beat.said.isNumbered
      ? countByNumber(beat, gap: gap, isOurFault: isOurs) : countByTime(beat, gap: gap, isOurFault: isOurs)
    guard finding != .nothing else { return nil }
    proof = beat.proof
    let (before, wasKnown) = (interval, announced > 0 || estimator.isLearned)
    announced = Self.announced(beat)
    let listened = max(0, min(gap, listening - lastListening))
    // A goodbye comes at any time, and where not all could be heard what is missing is no loss of the peer's.
    if case .next(let missing) = finding, wasKnown, state != .left, !beat.said.isGoodbye, !isOurs,
      listened == gap
    {
      tolerance.note(
        gap: gap, numbered: missing, interval: max(before, interval), wasSilent: state == .silent,
        share: share)
    }
    if !isOurs { estimator.note(gap: gap) }
    let previous = lastHeard
    lastHeard = max(lastHeard, beat.arrival)
    lastListening = listening
    noteBeat()
    let change =
      beat.said.isGoodbye ? leave(at: beat.arrival) : advance(at: beat.arrival, returnedAt: previous)
    if change == .back || change == .returned {
      // Whatever made it silent, it may send at another interval now.
      if isOurs {
        // This gap showed no more than that it is no shorter than what was listened to of it.
        estimator = IntervalEstimator(known: max(estimator.interval, listened))
      } else if change == .back {
        estimator = IntervalEstimator()
        estimator.note(gap: gap)
      }
    }
    return change
  }

  private mutating func leave(at arrival: Int64) -> Change? {
    // The goodbye is said twice.
    guard state != .left else { return nil }
    defer { enter(.left, at: arrival) }
    return .left(from: state)
  }

  private mutating func advance(at arrival: Int64, returnedAt: Int64) -> Change? {
    switch state {
    case .alive:
      return nil
    case .late, .unknown:
      defer { enter(.alive, at: arrival) }
      return .recovered(from: state)
    case .left:
      noteSilence(until: arrival)
      enter(.alive, at: arrival)
      return .returned
    case .silent where !isReturning:
      isReturning = true
      return nil
    case .silent:
      // The silence ended with the beat before this one.
      noteSilence(until: returnedAt)
      enter(.alive, at: arrival)
      return .back
    }
  }

  private mutating func noteSilence(until end: Int64) {
    (silence, hadLeft) = (max(0, end - stateSince), state == .left)
    silenceBegan = UInt32(clamping: stateSince / 1_000_000_000)
  }

  /// How many beats may be missing is found anew.
  ///
  /// - Parameter share: False alarms a year that are allowed for this peer.
  mutating func review(share: Double) { tolerance.review(interval: interval, share: share) }

  /// Its beats that are missing until then are not held against it.
  ///
  /// - Parameter reading: Of the listening clock, in nanoseconds.
  mutating func excuse(until reading: Int64) { lastListening = max(lastListening, reading) }

  /// The listening clock went back: the time of the next beat begins at its reading, in nanoseconds.
  mutating func begin(at reading: Int64) { lastListening = min(lastListening, reading) }

  /// Three beats are missing, or one less than make it silent.
  ///
  /// - Parameter time: The present, in nanoseconds of CLOCK_MONOTONIC.
  mutating func becomeLate(at time: Int64) {
    enter(.late, at: time)
  }

  /// As many beats are missing as may be; the silence began with its last beat.
  mutating func becomeSilent() {
    enter(.silent, at: lastHeard)
  }

  /// It is not heard and cannot be judged.
  ///
  /// - Parameter time: Since when, in nanoseconds of CLOCK_MONOTONIC.
  mutating func becomeUnknown(at time: Int64) {
    enter(.unknown, at: time)
  }

  private mutating func enter(_ next: PeerState, at time: Int64) {
    assert(state.canBecome(next), "\(state) cannot become \(next)")
    state = next
    stateSince = time
    isReturning = false
  }

  /// The peer as it goes on after a restart of the daemon, on the new listening clock; nil if what was stored
  /// could not have been true when it was stored.
  ///
  /// - Parameters:
  ///   - takenAt: When it was stored, in nanoseconds of CLOCK_MONOTONIC.
  ///   - readingThen: What the listening clock read then, in nanoseconds.
  ///   - listening: What the new listening clock reads for that moment, in nanoseconds.
  ///   - isComplete: Whether it was not heard after that.
  func resumed(takenAt: Int64, readingThen: Int64, listening: Int64, isComplete: Bool) -> Peer? {
    let past = 0...takenAt
    guard estimator.isPlausible, statistics.isPlausible, tolerance.isPlausible, past ~= lastHeard,
      past ~= stateSince, past ~= firstHeard, firstHeard <= lastHeard,
      HeartbeatArrival.arrivals ~= silence, beats >= 2,
      announced == 0 || HeartbeatInterval.range ~= interval
    else { return nil }
    let (age, isOverflow) = readingThen.subtractingReportingOverflow(lastListening)
    guard !isOverflow, age <= takenAt else { return nil }
    var peer = self
    // A clock that went back for an impediment may have read less than at its last beat.
    peer.lastListening = isComplete || state.isGone ? listening - max(0, age) : listening
    peer.armed = .max
    peer.isListed = true
    peer.isExpected = false
    return peer
  }
}

extension Peer {
  /// As `PeerLine` has it. What is of one process only is not stored.
  mutating func code(with coder: inout some FieldCoder) {
    coder.code(
      &state, as: { UInt8(PeerState.allCases.firstIndex(of: $0) ?? 0) },
      { PeerState.allCases.indices.contains(Int($0)) ? PeerState.allCases[Int($0)] : nil })
    coder.code(&isReturning)
    coder.code(&beats)
    coder.code(&firstHeard)
    coder.code(&lastHeard)
    coder.code(&lastListening)
    coder.code(&lastOther)
    coder.code(&stateSince)
    coder.code(&silence)
    estimator.code(with: &coder)
    statistics.code(with: &coder)
    ports.code(with: &coder)
    coder.code(&announced)
    sequence.code(with: &coder)
    address.code(with: &coder)
    guard coder.format >= 3 else { return }
    tolerance.code(with: &coder)
    coder.code(&silenceBegan)
    coder.code(&hadLeft)
  }
}

extension Peer: Codable {
  // As peers.json has them since 0.1.0. What lines alone had from the start is not in it.
  private enum CodingKeys: String, CodingKey {
    case state
    case isListed
    case isReturning
    case beats
    case firstHeard
    case isExpected
    case lastHeard
    case lastListening = "lastAudible"
    case stateSince
    case armed
    case estimator = "interval"
    case statistics
    case ports
    case silence
    case announced
    case sequence
    case address
  }
}
