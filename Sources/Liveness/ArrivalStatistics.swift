// SPDX-License-Identifier: Apache-2.0

/// Statistics of a peer from the times in its payloads and their arrivals: losses, duplicates, restarts,
/// clock steps, jitter. None of it decides about the peer's state, which follows from the arrivals alone.
///
/// Where the payload has no number, a missing beat is a gap in the sender's own time, and a paused sender
/// looks the same as a lost beat. All times are in microseconds.
struct ArrivalStatistics: Equatable, Sendable, Codable {
  /// What else is known of a beat, from `Peer`.
  struct Circumstances {
    /// Time between this arrival and the one before.
    var gap: Int64
    /// The usual gap, 0 where none is known.
    var usualGap: Int64
    /// Whether that is the median of eight gaps rather than the longest of fewer.
    var isUsualLearned: Bool
    /// Whether the kernel dropped datagrams meanwhile, or nothing could be received.
    var isOurFault: Bool
    /// Whether missing and repeated beats and restarts are known by their numbers, and not to be told from
    /// times.
    var isNumbered: Bool
    /// Whether several senders share the address, so that a missing beat would mean nothing.
    var isShared: Bool
    /// Whether its port is steady, which shows restarts better than the phase does.
    var isSteady: Bool

    var countsMissed: Bool { !isNumbered && !isShared }
    var readsPhase: Bool { !isNumbered && !isShared && !isSteady }
  }

  // In an order that leaves no gaps.

  /// The low 32 bits of the last four payloads, to recognise duplicates.
  private var recent: SIMD4<UInt32>
  /// Our wall clock minus the payload, at the last beat.
  private(set) var offset: Int64
  private var lastPayload: Int64
  /// The least arrival minus payload: the difference of the clocks plus the shortest delay.
  private var leastTransit: Int64
  /// Arrival minus payload of the last beat.
  private var lastTransit: Int64
  /// The last gap in the payloads: a beat with a time within it was not lost but reordered.
  private var gapStart: Int64 = 0
  private var gapLength: UInt32 = 0
  private var gapMissing: UInt32 = 0

  /// Interarrival jitter (RFC 3550, 6.4.1), in sixteenths of a microsecond as in its appendix A.8.
  private var jitter16: UInt32 = 0
  /// The sender's own interval, from its payloads, in microseconds; 0 where it is not known.
  private var pace: UInt32 = 0

  // As `PeerReport` describes them.
  private(set) var missed = Tally()
  private(set) var missedHere = Tally()
  private(set) var duplicates = Tally()
  private(set) var reordered = Tally()
  private(set) var restarts = Tally()
  private(set) var clockSteps = Tally()

  /// Whether the usual gap was ever known from enough gaps: it is learned anew after a silence. Nil where
  /// 0.1.0 stored it.
  private var wasLearned: Bool? = false
  /// Beats in a row for which the usual gap and `pace` differed by more than an eighth.
  private var doubts: UInt8 = 0
  private var isGapOurs = false
  /// Beats in a row on the schedule, and whether the last one left it.
  private var onSchedule: UInt8 = 0
  private var isOffSchedule = false
  private var nextRecent: UInt8 = 1

  /// The statistics of one beat.
  init(_ beat: HeartbeatArrival) {
    offset = beat.offset
    lastPayload = beat.payload
    leastTransit = beat.arrival / 1000 - beat.payload
    lastTransit = leastTransit
    recent = SIMD4(repeating: UInt32(truncatingIfNeeded: beat.payload))
  }

  /// Interarrival jitter, in microseconds.
  var jitter: Int64 { Int64(jitter16 >> 4) }

  /// Whether one of the last beats had the same payload.
  func isRepeated(_ payload: Int64) -> Bool {
    any(recent .== UInt32(truncatingIfNeeded: payload))
  }

  /// Whether a payload is of before the last one.
  func isEarlier(_ payload: Int64) -> Bool { payload < lastPayload }

  /// Counts a beat that was received twice.
  mutating func noteDuplicate() {
    duplicates.add(1)
  }

  /// Counts beats that are known to be missing.
  mutating func noteMissing(_ count: UInt32, isOurFault: Bool) {
    if isOurFault { missedHere.add(count) } else { missed.add(count) }
  }

  /// Counts a beat that arrived after a later one.
  ///
  /// - Parameter wasMissedHere: As what it was counted before; nil for nothing.
  mutating func noteReordered(wasMissedHere: Bool?, _ payload: Int64) {
    reordered.add(1)
    remember(payload)
    guard let wasMissedHere else { return }
    if wasMissedHere { missedHere.takeBack() } else { missed.takeBack() }
  }

  /// Counts a restart that the source port or the run shows.
  mutating func noteRestart() {
    restarts.add(1)
    isOffSchedule = false
  }

  /// Begins anew and counts nothing, for the sender may be another one.
  mutating func rebase(on beat: HeartbeatArrival) {
    offset = beat.offset
    lastPayload = beat.payload
    leastTransit = beat.arrival / 1000 - beat.payload
    lastTransit = leastTransit
    onSchedule = 0
    isOffSchedule = false
    gapMissing = 0
    remember(beat.payload)
  }

  /// Notes a beat that was not recognised as a copy made on the way.
  mutating func note(_ beat: HeartbeatArrival, _ circumstances: Circumstances) {
    if !circumstances.isNumbered, isRepeated(beat.payload) {
      // Too late for a copy made on the way: the sender's clock stands still, or it sent the same again.
      duplicates.add(1)
      return
    }
    if circumstances.isUsualLearned { wasLearned = true }
    offset = beat.offset
    let transit = beat.arrival / 1000 - beat.payload
    let step = beat.payload - lastPayload
    if step < 0, gapMissing > 0, beat.payload > gapStart, beat.payload - gapStart < Int64(gapLength) {
      gapMissing -= 1
      noteReordered(wasMissedHere: isGapOurs, beat.payload)
      return
    }
    defer { remember(beat.payload) }
    adoptPace(step: step, circumstances)
    let isClockStep = step < 0 || isStep(transit: transit, circumstances)
    if isClockStep {
      clockSteps.add(1)
      onSchedule = 0
      isOffSchedule = false
      leastTransit = transit
      countMissing(over: circumstances.gap, circumstances)
    } else {
      let sample = UInt32(min(abs(transit - lastTransit), 60_000_000))
      jitter16 = jitter16 &+ sample &- ((jitter16 &+ 8) >> 4)
      leastTransit = min(leastTransit + circumstances.gap / 1000, transit)
      countMissing(over: step, circumstances)
      if circumstances.readsPhase { followPhase(step: step) }
    }
    lastPayload = beat.payload
    lastTransit = transit
  }

  // MARK: - Clock

  /// Whether the sender's clock was stepped. A beat cannot be faster than the shortest delay, and one that
  /// took more than six intervals would arrive after its sender was called silent; what is between is a
  /// delay. The shortest delay may grow by 1000 ppm, for clocks drift.
  private func isStep(transit: Int64, _ circumstances: Circumstances) -> Bool {
    let usual = circumstances.usualGap
    return transit < leastTransit - max(usual / 4, 20_000)
      || transit > leastTransit + circumstances.gap / 1000 + max(6 * usual, 2_000_000)
  }

  // MARK: - Gaps

  /// Learns the sender's interval: roughly from the median gap of the arrivals, exactly from the payloads. A
  /// median that is off for fewer than sixteen beats is a run of losses or of reordered beats.
  private mutating func adoptPace(step: Int64, _ circumstances: Circumstances) {
    let usual = circumstances.usualGap
    guard usual > 0, usual <= LivenessRule.longestInterval / 1000 else { return }
    // The longest of few gaps is a guess, and worse than what was learned before a silence.
    guard pace == 0 || circumstances.isUsualLearned else { return tune(by: step) }
    doubts = abs(Int64(pace) - usual) > usual / 8 ? min(doubts, .max - 1) + 1 : 0
    let isLongerByLosses = Int64(pace) * 4 >= usual * 7
    let patience = pace > 0 && !isLongerByLosses ? 16 : 1
    if doubts >= patience {
      pace = Self.bounded(usual)
      doubts = 0
    }
    tune(by: step)
  }

  /// Follows the step in the sender's own time, by an eighth of the difference a beat.
  private mutating func tune(by step: Int64) {
    let own = Int64(pace)
    if step > own * 3 / 4, step < own * 5 / 4 {
      pace = Self.bounded(own + (step - own) / 8)
    }
  }

  /// An interval in microseconds, as long as one can be configured to be.
  private static func bounded(_ pace: Int64) -> UInt32 {
    UInt32(
      clamping: max(LivenessRule.shortestInterval / 1000, min(LivenessRule.longestInterval / 1000, pace)))
  }

  private mutating func countMissing(over span: Int64, _ circumstances: Circumstances) {
    guard circumstances.countsMissed, pace > 0, span > 0 else { return }
    let beats = (span + Int64(pace) / 2) / Int64(pace)
    guard beats > 1 else { return }
    let missing = UInt32(clamping: beats - 1)
    // Of a peer that is hardly known, a long gap means that its interval is not yet known either.
    guard wasLearned == true || missing < 5 else { return }
    isGapOurs = circumstances.isOurFault
    if isGapOurs { missedHere.add(missing) } else { missed.add(missing) }
    gapStart = lastPayload
    gapLength = UInt32(clamping: span)
    gapMissing = missing
  }

  /// Recognises a restart by the phase. A sender keeps to its schedule through lost beats; one that leaves it
  /// after eight beats and then keeps a new one was restarted, and one that returns to the old one was late.
  private mutating func followPhase(step: Int64) {
    let own = Int64(pace)
    guard own > 0 else { return }
    let beats = (step + own / 2) / own
    // A beat besides the regular ones has no place in the schedule.
    guard beats > 0 else { return }
    let deviation = abs(step - beats * own)
    if isOffSchedule {
      isOffSchedule = false
      if deviation <= own / 8 { restarts.add(1) }
      onSchedule = 0
    } else if deviation <= own / 8 {
      if onSchedule < .max { onSchedule += 1 }
    } else {
      isOffSchedule = deviation > own / 4 && onSchedule >= 8 && beats <= 64
      onSchedule = 0
    }
  }

  private mutating func remember(_ payload: Int64) {
    recent[Int(nextRecent & 3)] = UInt32(truncatingIfNeeded: payload)
    nextRecent = (nextRecent &+ 1) & 3
  }

  /// As `PeerLine` has it.
  mutating func code(with coder: inout some FieldCoder) {
    coder.code(&offset)
    coder.code(&lastPayload)
    coder.code(&leastTransit)
    coder.code(&lastTransit)
    coder.code(&gapStart)
    coder.code(&gapLength)
    coder.code(&gapMissing)
    coder.code(&jitter16)
    coder.code(&pace)
    coder.code(&missed.value)
    coder.code(&missedHere.value)
    coder.code(&duplicates.value)
    coder.code(&reordered.value)
    coder.code(&restarts.value)
    coder.code(&clockSteps.value)
    coder.code(&wasLearned)
    coder.code(&doubts)
    coder.code(&isGapOurs)
    coder.code(&onSchedule)
    coder.code(&isOffSchedule)
    for place in 0..<4 { coder.code(&recent[place]) }
    coder.code(&nextRecent)
  }

  /// Whether stored statistics hold nothing that could not have been noted.
  var isPlausible: Bool {
    let transits = -2 * HeartbeatArrival.times.upperBound...2 * HeartbeatArrival.times.upperBound
    return HeartbeatArrival.times ~= lastPayload && HeartbeatArrival.times ~= offset
      && HeartbeatArrival.times ~= gapStart
      && transits ~= leastTransit && transits ~= lastTransit && pace <= Self.bounded(.max) && nextRecent <= 3
      && jitter16 >> 4 <= 60_000_000
  }
}

/// A saturating counter: what it counts is a sender's choice, so that it must neither trap nor wrap.
struct Tally: Equatable, Sendable {
  /// The count; `UInt32.max` for that many or more.
  fileprivate(set) var value: UInt32 = 0

  /// Counts so many more.
  mutating func add(_ more: UInt32) {
    let (sum, isOverflow) = value.addingReportingOverflow(more)
    value = isOverflow ? .max : sum
  }

  /// Takes back one that was counted; nothing at the highest value, which stands for any.
  mutating func takeBack() {
    if value > 0, value < .max { value -= 1 }
  }
}

extension Tally: Codable {
  /// A bare number.
  init(from decoder: any Decoder) throws {
    value = try decoder.singleValueContainer().decode(UInt32.self)
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(value)
  }
}
