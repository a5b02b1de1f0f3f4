// SPDX-License-Identifier: Apache-2.0

import Heartbeat

/// The numbers of a peer's heartbeats (`run` and `seq`): what is missing, repeated or out of order is known
/// exactly from them, and so is a restart.
///
/// Numbers are a sender's choice, and anybody may forge them. One that cannot follow from those before moves
/// nothing, and its sender counts as another one that uses the name, until it is the only one that is heard.
struct BeatSequence: Equatable, Sendable, Codable {
  /// What the number of a heartbeat tells.
  enum Finding: Equatable, Sendable {
    /// The next, or a later one: so many between are missing.
    case next(missing: UInt32)
    /// The first that is heard of a new run, of which so many were sent before.
    case restarted(missing: UInt32)
    /// One that was counted as missing; here where that was this host's fault.
    case reordered(wasMissedHere: Bool)
    /// One that was received before.
    case duplicate
    /// It is of another sender with the same name.
    case foreign
  }

  /// Numbers back from the highest of which the times are surely remembered (`ArrivalStatistics.isRepeated`).
  private static let remembered: UInt64 = 2
  /// Heartbeats besides the regular ones that a sender may send, a second: it sends what changes at once.
  private static let extraBeats: Int64 = 200
  /// Heartbeats of another sender in a row, without one of the known one, until it is taken for that one.
  private static let takeover: UInt8 = 3
  /// Turns between two senders from which on the name is used twice, and heartbeats of one sender in a row
  /// after which it is no more.
  private static let contest: UInt8 = 2
  private static let settled: UInt8 = 10

  /// What was received of the run; empty where heartbeats have no numbers.
  private var window = ReplayWindow()
  /// Bit n is set where number `highest` - n was missed by this host's fault.
  private var missedHere: UInt64 = 0
  /// Heartbeats of another sender since the last of this one, and of this one since the last of another.
  private var foreign: UInt8 = 0
  private var own: UInt8 = 0
  /// How often one of another sender followed one of this.
  private var turns: UInt8 = 0

  /// Without numbers.
  init() {}

  /// The run; 0 where heartbeats have no numbers.
  var run: UInt64 { window.run }
  /// The highest number of the run that was received.
  var highest: UInt64 { window.highest }

  /// Whether two senders use the name.
  var isContested: Bool { turns >= Self.contest }

  /// Begins with the second heartbeat of a peer.
  ///
  /// - Parameters:
  ///   - said: By the second.
  ///   - first: The first.
  /// - Returns: How many are missing between the two, as far as they can be of one run.
  mutating func begin(_ said: Announcement, after first: Probation.First) -> UInt32 {
    adopt(said)
    let missing = (said.sequence &- UInt64(first.number) &- 1) & Probation.numberMask
    return missing < said.sequence && isPlausible(missing, said.every, gap: first.gap) ? UInt32(missing) : 0
  }

  /// Notes a heartbeat.
  ///
  /// - Parameters:
  ///   - said: With a number.
  ///   - gap: Since the last one, in nanoseconds.
  ///   - isRepeated: Whether one of the last had the same time in it.
  ///   - isOurFault: Whether what is missing may have been lost in this host.
  mutating func note(_ said: Announcement, gap: Int64, isRepeated: Bool, isOurFault: Bool) -> Finding {
    switch window.verdict(run: said.run, seq: said.sequence) {
    case .newRun where run == 0:
      adopt(said)
      return .next(missing: 0)
    case .newRun:
      let before = said.sequence - 1
      adopt(said)
      return .restarted(missing: isPlausible(before, said.every, gap: gap) ? UInt32(clamping: before) : 0)
    case .next where said.sequence > highest: return noteLater(said, gap: gap, isOurFault: isOurFault)
    case .next:
      window.accept(run: said.run, seq: said.sequence)
      return .reordered(wasMissedHere: missedHere & 1 << (highest - said.sequence) != 0)
    case .duplicate:
      // A copy has the time of what it is a copy of. Two that began in the same millisecond count alike.
      let isOther = highest - said.sequence < Self.remembered && !isRepeated
      return isOther ? noteForeign(said) : .duplicate
    case .tooOld, .olderRun: return noteForeign(said)
    }
  }

  private mutating func noteLater(_ said: Announcement, gap: Int64, isOurFault: Bool) -> Finding {
    let ahead = said.sequence - highest
    let missing = ahead - 1
    guard isPlausible(missing, said.every, gap: gap) else { return noteForeign(said) }
    noteOwn()
    window.accept(run: said.run, seq: said.sequence)
    // Swift's shift by 64 and more gives 0.
    missedHere <<= ahead
    if isOurFault, missing > 0 {
      // The bits 1 to `missing`.
      missedHere |= (missing < ReplayWindow.size - 1 ? 1 << (missing + 1) : 0) &- 2
    }
    return .next(missing: UInt32(clamping: missing))
  }

  private mutating func noteForeign(_ said: Announcement) -> Finding {
    if foreign == 0 { turns = min(turns, .max - 1) + 1 }
    foreign = min(foreign, .max - 1) + 1
    own = 0
    guard foreign >= Self.takeover else { return .foreign }
    adopt(said)
    return .restarted(missing: 0)
  }

  /// Another sender uses the name, whose heartbeats do not count whatever becomes of this one's.
  mutating func noteNamesake() {
    if foreign == 0 { turns = min(turns, .max - 1) + 1 }
    (foreign, own) = (1, 0)
  }

  private mutating func noteOwn() {
    foreign = 0
    own = min(own, .max - 1) + 1
    if own >= Self.settled { turns = 0 }
  }

  private mutating func adopt(_ said: Announcement) {
    window = ReplayWindow()
    window.accept(run: said.run, seq: said.sequence)
    missedHere = 0
    noteOwn()
  }

  /// Whether a sender can have sent so many since its last heartbeat that was received.
  private func isPlausible(_ missing: UInt64, _ every: Int64, gap: Int64) -> Bool {
    // A wait of a day is long enough: neither product overflows.
    let gap = max(0, min(gap, LivenessRule.forgottenAfter))
    let regular = every > 0 ? 2 * gap / every : 0
    let extra = gap / 1_000_000 * Self.extraBeats / 1000
    return missing <= ReplayWindow.size + UInt64(clamping: regular + extra)
  }

  /// As `PeerLine` has it.
  mutating func code(with coder: inout some FieldCoder) {
    window.code(with: &coder)
    coder.code(&missedHere)
    coder.code(&foreign)
    coder.code(&own)
    coder.code(&turns)
  }
}
