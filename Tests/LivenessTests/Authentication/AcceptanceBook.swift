// SPDX-License-Identifier: Apache-2.0

/// Which heartbeats of one host are to be accepted, written down once more: with sets of all numbers where
/// the gate has a window of bits.
struct AcceptanceBook {
  /// The latest run that was accepted, and the numbers in it.
  private(set) var run: UInt64 = 0
  private(set) var accepted: Set<UInt64> = []
  /// What may have been accepted by a process that told nobody: all numbers up to here.
  private var floor: UInt64 = 0
  /// When the last one was accepted, in nanoseconds.
  private var last: Int64 = 0
  /// Whether the receiver forgot what it accepted last.
  var isBehind = false

  private static let window: UInt64 = 64
  private static let silence: Int64 = 60_000_000_000

  /// - Parameter isFresh: Whether it says the time that the receiver's clock shows, more or less.
  func accepts(run: UInt64, number: UInt64, isFresh: Bool, now: Int64) -> Bool {
    if run < self.run || run == self.run && isOld(number) { return false }
    let isKnown = run == self.run && !isBehind && now - last <= Self.silence
    return isKnown || isFresh
  }

  private func isOld(_ number: UInt64) -> Bool {
    accepted.contains(number) || number <= floor || number + Self.window <= accepted.max() ?? 0
  }

  mutating func accept(run: UInt64, number: UInt64, now: Int64) {
    let mayHaveMissed = self.run == 0 || isBehind || now - last > Self.silence
    if run != self.run { (accepted, floor) = ([], 0) }
    accepted.insert(number)
    if mayHaveMissed { floor = accepted.max() ?? number }
    // What is further behind is too old anyway.
    if accepted.count > 200 { accepted = accepted.filter { $0 + 100 > number } }
    (self.run, last, isBehind) = (run, now, false)
  }

  /// The receiver began again with what it had stored when this was its book.
  mutating func resume(now: Int64, isExact: Bool) { (last, isBehind) = (now, !isExact) }
}
