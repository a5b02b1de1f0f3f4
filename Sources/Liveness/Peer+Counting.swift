// SPDX-License-Identifier: Apache-2.0

// What a beat tells of those that are missing, by its number or by the time in it.
extension Peer {
  /// Counts one that is a new one.
  mutating func noteBeat() { beats = min(beats, .max - 1) + 1 }

  /// What a beat tells of those before it.
  enum Finding: Equatable {
    /// It is no new one.
    case nothing
    /// It is the next that arrived, after so many that were sent and did not; nil where it has no number.
    case next(missing: UInt32?)
    /// It is of another process, or may be: of what is missing nobody knows whether it was sent.
    case another
  }

  /// Counts a beat with a number.
  mutating func countByNumber(_ beat: HeartbeatArrival, gap: Int64, isOurFault: Bool) -> Finding {
    var finding = Finding.another
    let isRepeated = statistics.isRepeated(beat.payload)
    switch sequence.note(beat.said, gap: gap, isRepeated: isRepeated, isOurFault: isOurFault) {
    case .duplicate:
      statistics.noteDuplicate()
      return .nothing
    case .reordered(let wasMissedHere):
      statistics.noteReordered(wasMissedHere: wasMissedHere, beat.payload)
      noteBeat()
      return .nothing
    // Whose it is nobody knows: the name is heard.
    case .foreign: return finding
    case .restarted(let missing):
      statistics.noteRestart()
      statistics.rebase(on: beat)
      statistics.noteMissing(missing, isOurFault: isOurFault)
    case .next(let missing):
      statistics.noteMissing(missing, isOurFault: isOurFault)
      statistics.note(beat, circumstances(gap: gap, isOurFault: isOurFault, isNumbered: true))
      finding = .next(missing: missing)
    }
    _ = ports.note(beat.port)
    address = beat.address
    return finding
  }

  /// Counts a beat without a number, by the time in it.
  mutating func countByTime(_ beat: HeartbeatArrival, gap: Int64, isOurFault: Bool) -> Finding {
    // A copy made on the way is no second beat. A sender whose clock stands still also repeats a payload, but
    // not so soon, and stays alive.
    if gap < interval / 2, statistics.isRepeated(beat.payload) {
      statistics.noteDuplicate()
      return .nothing
    }
    // One that was overtaken by the goodbye.
    if state == .left, gap < Self.overtaken, statistics.isEarlier(beat.payload) {
      statistics.noteReordered(wasMissedHere: nil, beat.payload)
      noteBeat()
      return .nothing
    }
    let finding = ports.note(beat.port)
    if finding == .restarted { statistics.noteRestart() }
    if finding == .unfamiliar {
      statistics.rebase(on: beat)
    } else {
      statistics.note(beat, circumstances(gap: gap, isOurFault: isOurFault, isNumbered: false))
    }
    address = beat.address
    return finding == .nothing ? .next(missing: nil) : .another
  }

  /// How much later than a goodbye a beat that was sent before it may arrive, in nanoseconds.
  private static let overtaken: Int64 = 1_000_000_000

  private func circumstances(
    gap: Int64, isOurFault: Bool, isNumbered: Bool
  ) -> ArrivalStatistics.Circumstances {
    .init(
      gap: gap / 1000, usualGap: Int64(estimator.usualGap), isUsualLearned: estimator.isLearned,
      isOurFault: isOurFault, isNumbered: isNumbered, isShared: ports.isShared, isSteady: ports.isSteady)
  }
}
