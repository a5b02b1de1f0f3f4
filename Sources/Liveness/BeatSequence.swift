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

  /// Numbers back from the highest that are told apart.
  private static let window: UInt64 = 64
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

  /// Of the run; 0 where heartbeats have no numbers.
  private(set) var run: UInt64 = 0
  /// The highest number of the run that was received.
  private(set) var highest: UInt64 = 0
  /// Bit n is set where number `highest` - n was received; and where it was missed by this host's fault.
  private var received: UInt64 = 0
  private var missedHere: UInt64 = 0
  /// Heartbeats of another sender since the last of this one, and of this one since the last of another.
  private var foreign: UInt8 = 0
  private var own: UInt8 = 0
  /// How often one of another sender followed one of this.
  private var turns: UInt8 = 0

  /// Without numbers.
  init() {}

  /// Whether two senders use the name.
  var isContested: Bool { turns >= Self.contest }

  /// Begins with the second heartbeat of a peer.
  ///
  /// - Parameters:
  ///   - said: By the second.
  ///   - first: The first.
  /// - Returns: How many are missing between the two, as far as they can be of one run; nil where it is the
  ///   first once more.
  mutating func begin(_ said: Announcement, after first: Probation.First) -> UInt32? {
    adopt(said)
    let distance = (said.sequence &- UInt64(first.number)) & Probation.numberMask
    guard distance > 0 else { return nil }
    let missing = distance - 1
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
    guard run > 0 else {
      adopt(said)
      return .next(missing: 0)
    }
    guard said.run == run else {
      guard said.run > run else { return noteForeign(said) }
      let before = said.sequence - 1
      adopt(said)
      return .restarted(missing: isPlausible(before, said.every, gap: gap) ? UInt32(clamping: before) : 0)
    }
    guard said.sequence > highest else { return noteEarlier(said, isRepeated: isRepeated) }
    let missing = said.sequence - highest - 1
    guard isPlausible(missing, said.every, gap: gap) else { return noteForeign(said) }
    noteOwn()
    let shift = said.sequence - highest
    received = shift < Self.window ? received << shift | 1 : 1
    missedHere = shift < Self.window ? missedHere << shift : 0
    if isOurFault, missing > 0 {
      // The bits 1 to `missing`.
      missedHere |= (missing < Self.window - 1 ? 1 << (missing + 1) : 0) &- 2
    }
    highest = said.sequence
    return .next(missing: UInt32(clamping: missing))
  }

  private mutating func noteEarlier(_ said: Announcement, isRepeated: Bool) -> Finding {
    let back = highest - said.sequence
    guard back < Self.window else { return noteForeign(said) }
    let bit: UInt64 = 1 << back
    guard received & bit == 0 else {
      // A copy has the time of what it is a copy of. Two that began in the same millisecond count alike.
      return back < Self.remembered && !isRepeated ? noteForeign(said) : .duplicate
    }
    received |= bit
    return .reordered(wasMissedHere: missedHere & bit != 0)
  }

  private mutating func noteForeign(_ said: Announcement) -> Finding {
    if foreign == 0 { turns = min(turns, .max - 1) + 1 }
    foreign = min(foreign, .max - 1) + 1
    own = 0
    guard foreign >= Self.takeover else { return .foreign }
    adopt(said)
    return .restarted(missing: 0)
  }

  private mutating func noteOwn() {
    foreign = 0
    own = min(own, .max - 1) + 1
    if own >= Self.settled { turns = 0 }
  }

  private mutating func adopt(_ said: Announcement) {
    (run, highest) = (said.run, said.sequence)
    (received, missedHere) = (1, 0)
    noteOwn()
  }

  /// Whether a sender can have sent so many since its last heartbeat that was received.
  private func isPlausible(_ missing: UInt64, _ every: Int64, gap: Int64) -> Bool {
    // A wait of a day is long enough: neither product overflows.
    let gap = max(0, min(gap, LivenessRule.forgottenAfter))
    let regular = every > 0 ? 2 * gap / every : 0
    let extra = gap / 1_000_000 * Self.extraBeats / 1000
    return missing <= Self.window + UInt64(clamping: regular + extra)
  }

  /// As `PeerLine` has it.
  mutating func code(with coder: inout some FieldCoder) {
    coder.code(&run)
    coder.code(&highest)
    coder.code(&received)
    coder.code(&missedHere)
    coder.code(&foreign)
    coder.code(&own)
    coder.code(&turns)
  }
}
