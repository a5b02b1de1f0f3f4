// SPDX-License-Identifier: Apache-2.0

/// Which heartbeats of a host were accepted, so that none is accepted twice: by its run, a number that grows
/// with each start, and its sequence number within that. The window is that of RFC 4303, section 3.4.3.
///
/// It is asked before a heartbeat is authenticated, which costs more, and told afterwards: what is forged
/// does not move it. 24 bytes.
package struct ReplayWindow: Equatable, Sendable, Codable {
  package enum Verdict: Equatable, Sendable {
    /// Of the run that is known, and not seen.
    case next
    /// The first at all, or of a later run: acceptable only if it is fresh (`Freshness`), since what a host
    /// sent in a run that was not heard could be sent again.
    case newRun
    /// Accepted before.
    case duplicate
    /// So far behind that it is not known whether it was accepted before.
    case tooOld
    /// Of a run before.
    case olderRun
  }

  /// How far behind the highest number a late heartbeat may be, in heartbeats, the highest included.
  package static let size: UInt64 = 64

  /// The latest run that was accepted.
  package private(set) var run: UInt64 = 0
  /// The highest number in it.
  package private(set) var highest: UInt64 = 0
  /// Bit n stands for `highest - n`; 0 is before the first.
  package private(set) var seen: UInt64 = 0

  /// Before the first heartbeat of a host.
  package init() {}

  /// A window that was stored.
  ///
  /// - Returns: Nil for one that cannot have been: the highest number was not seen, or one below 0 was.
  package init?(run: UInt64, highest: UInt64, seen: UInt64) {
    let isEmpty = run == 0 && highest == 0 && seen == 0
    let isPossible = seen & 1 == 1 && (highest >= Self.size - 1 || seen >> (highest + 1) == 0)
    guard isEmpty || isPossible else { return nil }
    (self.run, self.highest, self.seen) = (run, highest, seen)
  }

  /// What a heartbeat is to what was accepted.
  package func verdict(run: UInt64, seq: UInt64) -> Verdict {
    guard seen != 0, run == self.run else { return seen == 0 || run > self.run ? .newRun : .olderRun }
    guard seq <= highest else { return .next }
    let behind = highest - seq
    guard behind < Self.size else { return .tooOld }
    return seen & 1 << behind == 0 ? .next : .duplicate
  }

  /// Notes a heartbeat that was accepted, and counts all before it as seen: where it is not known what was
  /// accepted last, one of them may have been. One behind the highest of its run makes none after it
  /// acceptable again.
  package mutating func restart(run: UInt64, seq: UInt64) {
    highest = run == self.run ? max(seq, highest) : seq
    // Numbers are not negative.
    let numbers = min(highest, Self.size - 1) + 1
    (self.run, seen) = (run, numbers < Self.size ? 1 << numbers - 1 : .max)
  }

  /// Notes a heartbeat that was accepted. One that should not have been changes nothing.
  package mutating func accept(run: UInt64, seq: UInt64) {
    switch verdict(run: run, seq: seq) {
    case .newRun: (self.run, highest, seen) = (run, seq, 1)
    case .next where seq > highest:
      let ahead = seq - highest
      // Swift's shift by 64 and more gives 0.
      seen = seen << ahead | 1
      highest = seq
    case .next: seen |= 1 << (highest - seq)
    case .duplicate, .tooOld, .olderRun: break
    }
  }
}
