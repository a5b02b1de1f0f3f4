// SPDX-License-Identifier: Apache-2.0

/// The timers of an `EventLoop`: which are due, and for how long its thread may sleep.
///
/// A timer with leeway may run later than it is due, so that it shares a wake-up with one that has none. A
/// pure value; times are nanoseconds of CLOCK_MONOTONIC.
struct TimerTable {
  private struct Entry {
    var token: UInt64
    var leeway: Int64
    var due: Int64?
    /// From one run to the next; nil for a timer that runs once.
    var period: Int64?
    var handler: LoopHandler
    /// The turn in which it ran last.
    var ran = Int64.min

    /// When it has to run; `Int64.max` if it is not set.
    var latest: Int64 { due?.adding(clamped: leeway) ?? .max }
  }

  /// A handful, so that looking through all is the fastest way.
  private var entries: [Entry] = []

  mutating func add(
    token: UInt64, leeway: Int64, period: Int64? = nil, due: Int64? = nil,
    _ handler: LoopHandler
  ) {
    entries.append(Entry(token: token, leeway: leeway, due: due, period: period, handler: handler))
  }

  mutating func remove(_ token: UInt64) { entries.removeAll { $0.token == token } }

  /// - Parameter due: nil for never.
  mutating func set(_ token: UInt64, to due: Int64?) {
    guard let place = entries.firstIndex(where: { $0.token == token }) else { return }
    entries[place].due = due
  }

  /// As `set`, unless the timer is due earlier already.
  mutating func bringForward(_ token: UInt64, to due: Int64) {
    guard let place = entries.firstIndex(where: { $0.token == token }) else { return }
    entries[place].due = min(due, entries[place].due ?? .max)
  }

  /// When the thread has to be awake; `Int64.max` for never.
  var wakeTime: Int64 { entries.reduce(.max) { min($0, $1.latest) } }

  /// Takes the most urgent of the timers that are due. Each once a turn: one that is set again and again, by
  /// its handler or by another thread, keeps none waiting.
  ///
  /// - Parameter now: The same for all of a turn.
  /// - Returns: what is to be called; nil when none is due.
  mutating func takeDue(at now: Int64) -> LoopHandler? {
    var urgent: Int?
    for (place, entry) in entries.enumerated() where entry.due ?? .max <= now && entry.ran < now {
      if let other = urgent, entries[other].latest <= entry.latest { continue }
      urgent = place
    }
    guard let urgent else { return nil }
    entries[urgent].due = entries[urgent].period.map { now + $0 }
    entries[urgent].ran = now
    return entries[urgent].handler
  }
}
