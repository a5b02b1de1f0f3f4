// SPDX-License-Identifier: Apache-2.0

/// Liveness state of a peer. The raw values are those of `peers.json` and of the control interface.
package enum PeerState: String, CaseIterable, Codable, Sendable {
  /// Heard twice or more, and again when it should have been.
  case alive
  /// Three beats in a row are missing. Not worth an event: the next beat makes it alive.
  case late
  /// Five beats in a row are missing. Two beats make it alive.
  case silent
  /// Not heard, and not judged, for it may be a fault of this host or of the network (`Impediment`). The next
  /// beat makes it alive.
  case unknown

  /// Whether a peer may go from this state to another in one step. It begins as alive.
  func canBecome(_ next: PeerState) -> Bool {
    switch (self, next) {
    case (.alive, .late), (.late, .alive), (.late, .silent), (.silent, .alive): true
    case (.alive, .unknown), (.late, .unknown), (.unknown, .alive), (.unknown, .silent): true
    default: false
    }
  }
}

/// State of one peer: 256 bytes, four cache lines, of which a beat changes nearly all.
struct Peer: Equatable, Sendable {
  /// What a beat changed of the state.
  enum Change: Equatable, Sendable {
    /// No longer late or unknown.
    case recovered(from: PeerState)
    /// No longer silent.
    case back
  }

  /// What a beat brought about.
  struct Hearing: Equatable, Sendable {
    /// What it changed of the state; nil for nothing.
    var change: Change?
    /// Whether the peer is established by it.
    var isEstablishedNow = false
    /// Whether the deadline comes before the one that is armed.
    var bringsDeadlineForward = false
  }

  // In an order that leaves no gaps.

  /// The interval at which it sends.
  private(set) var interval: IntervalEstimator
  /// `alive`, `late`, `silent` or `unknown`.
  private(set) var state: PeerState = .alive
  /// Whether the place in the roster is taken.
  var isListed = true
  /// What its payloads tell.
  private(set) var statistics: ArrivalStatistics
  /// What its source ports tell.
  private(set) var ports: PortHistory
  /// Whether one beat was heard since it is silent.
  private(set) var isReturning = false
  /// Named in the configuration: never evicted.
  var isExpected = false
  /// Distinct beats, the first one included.
  private(set) var beats: UInt64 = 2
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
  /// When a datagram arrived last that was no heartbeat, in nanoseconds of CLOCK_MONOTONIC.
  private(set) var lastOther: Int64?

  /// A peer that sent its second beat.
  ///
  /// - Parameters:
  ///   - beat: The second one.
  ///   - gap: Nanoseconds since the first.
  ///   - listening: The arrival on the listening clock, in nanoseconds.
  init(_ beat: HeartbeatArrival, gap: Int64, listening: Int64) {
    firstHeard = max(0, beat.arrival - max(0, gap))
    lastHeard = beat.arrival
    lastListening = listening
    stateSince = beat.arrival
    interval = IntervalEstimator()
    interval.note(gap: gap)
    statistics = ArrivalStatistics(beat)
    ports = PortHistory(port: beat.port)
  }

  /// A peer as 0.1.0 stored it. Its interval is learned again from the one that it had.
  init(_ old: PeerOfVersion1) {
    state = old.state
    isReturning = old.isReturning
    beats = old.beats
    interval = IntervalEstimator(known: old.interval.interval)
    // For how long it was heard was not stored, and follows from its beats.
    let known = Int64(min(old.beats, 1000))
    firstHeard = max(0, max(0, old.lastHeard) - known * interval.interval)
    lastHeard = old.lastHeard
    lastListening = old.lastListening
    stateSince = old.stateSince
    statistics = old.statistics
    ports = old.ports
    silence = old.silence
  }

  /// Notes a datagram that is no heartbeat.
  ///
  /// - Parameter arrival: Nanoseconds of CLOCK_MONOTONIC.
  mutating func noteOther(at arrival: Int64) { lastOther = max(lastOther ?? arrival, arrival) }

  /// When the state is to be judged next, in nanoseconds of the listening clock. Inlined, so that who asks it
  /// of a peer in an array reads two fields and copies no peer.
  @inline(__always)
  var deadline: Int64 {
    switch state {
    case .alive: lastListening + interval.lateAfter
    case .late, .unknown: lastListening + interval.silentAfter
    case .silent: lastListening + LivenessRule.forgottenAfter
    }
  }

  /// From its first beat to its last, in nanoseconds: the longer, the later it is evicted.
  var standing: Int64 { lastHeard - firstHeard }

  /// Whether no newcomer takes its place while it is not silent.
  var isEstablished: Bool { isExpected || standing >= LivenessRule.establishedAfter }

  /// Notes a beat.
  ///
  /// - Parameters:
  ///   - listening: Its arrival on the listening clock, in nanoseconds.
  ///   - dropsUntil: Up to when the kernel is known to have dropped datagrams, in nanoseconds of
  ///     CLOCK_MONOTONIC.
  /// - Returns: What it brought about. To be read in place of the peer, which a caller would copy for it.
  mutating func hear(_ beat: HeartbeatArrival, listening: Int64, dropsUntil: Int64) -> Hearing {
    let wasEstablished = isEstablished
    let change = note(beat, listening: listening, dropsUntil: dropsUntil)
    return Hearing(
      change: change, isEstablishedNow: isEstablished && !wasEstablished,
      bringsDeadlineForward: deadline < armed)
  }

  private mutating func note(_ beat: HeartbeatArrival, listening: Int64, dropsUntil: Int64) -> Change? {
    let gap = max(0, beat.arrival - lastHeard)
    // A copy made on the way is no second beat. A sender whose clock stands still also repeats a payload, but
    // not so soon, and stays alive.
    if gap < interval.interval / 2, statistics.isRepeated(beat.payload) {
      statistics.noteDuplicate()
      return nil
    }
    let finding = ports.note(beat.port)
    if finding == .restarted { statistics.noteRestart() }
    if finding == .unfamiliar {
      statistics.rebase(on: beat)
    } else {
      statistics.note(
        beat,
        .init(
          gap: gap / 1000, usualGap: Int64(interval.usualGap),
          isUsualLearned: interval.isLearned, isOurFault: dropsUntil > lastHeard,
          countsMissed: !ports.isShared, readsPhase: !ports.isSteady && !ports.isShared))
    }
    // A gap in which something could not be received is none of the sender's.
    let isOurs = dropsUntil > lastHeard
    if !isOurs { interval.note(gap: gap) }
    let listened = max(0, min(gap, listening - lastListening))
    let previous = lastHeard
    lastHeard = max(lastHeard, beat.arrival)
    lastListening = listening
    beats = min(beats, .max - 1) + 1
    let change = advance(at: beat.arrival, returnedAt: previous)
    if change == .back {
      // Whatever made it silent, it may send at another interval now.
      if isOurs {
        // This gap showed no more than that it is no shorter than what was listened to of it.
        interval = IntervalEstimator(known: max(interval.interval, listened))
      } else {
        interval = IntervalEstimator()
        interval.note(gap: gap)
      }
    }
    return change
  }

  private mutating func advance(at arrival: Int64, returnedAt: Int64) -> Change? {
    switch state {
    case .alive:
      return nil
    case .late, .unknown:
      defer { enter(.alive, at: arrival) }
      return .recovered(from: state)
    case .silent where !isReturning:
      isReturning = true
      return nil
    case .silent:
      // The silence ended with the beat before this one.
      silence = max(0, returnedAt - stateSince)
      enter(.alive, at: arrival)
      return .back
    }
  }

  /// Its beats that are missing until then are not held against it.
  ///
  /// - Parameter reading: Of the listening clock, in nanoseconds.
  mutating func excuse(until reading: Int64) { lastListening = max(lastListening, reading) }

  /// The listening clock went back: the time of the next beat begins at its reading, in nanoseconds.
  mutating func begin(at reading: Int64) { lastListening = min(lastListening, reading) }

  /// Three beats are missing.
  ///
  /// - Parameter time: The present, in nanoseconds of CLOCK_MONOTONIC.
  mutating func becomeLate(at time: Int64) {
    enter(.late, at: time)
  }

  /// Five beats are missing; the silence began with its last beat.
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
    guard interval.isPlausible, statistics.isPlausible, past ~= lastHeard, past ~= stateSince,
      past ~= firstHeard, firstHeard <= lastHeard, HeartbeatArrival.arrivals ~= silence, beats >= 2
    else { return nil }
    let (age, isOverflow) = readingThen.subtractingReportingOverflow(lastListening)
    guard !isOverflow, age <= takenAt else { return nil }
    var peer = self
    // A clock that went back for an impediment may have read less than at its last beat.
    peer.lastListening = isComplete || state == .silent ? listening - max(0, age) : listening
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
    // No time of CLOCK_MONOTONIC is less than 0.
    var other = lastOther ?? -1
    coder.code(&other)
    lastOther = other < 0 ? nil : other
    coder.code(&stateSince)
    coder.code(&silence)
    interval.code(with: &coder)
    statistics.code(with: &coder)
    ports.code(with: &coder)
  }
}

extension Peer: Codable {
  // As peers.json has them since 0.1.0.
  private enum CodingKeys: String, CodingKey {
    case state
    case isListed
    case isReturning
    case beats
    case firstHeard
    case isExpected
    case lastHeard
    case lastListening = "lastAudible"
    case lastOther
    case stateSince
    case armed
    case interval
    case statistics
    case ports
    case silence
  }
}
