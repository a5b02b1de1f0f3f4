// SPDX-License-Identifier: Apache-2.0

/// Finds out whether the entries of heartbeats fill the journal: more than 1 GB a day at the rate of five
/// minutes. It is said once in the life of a process. A pure value; time is passed in, in monotonic
/// nanoseconds.
package struct JournalVolume {
  /// What is too much, in bytes a day.
  package static let limit: Int64 = 1_000_000_000
  /// Over which time the rate is measured, in nanoseconds.
  static let window: Int64 = 300_000_000_000
  /// What the entry of a heartbeat takes in the journal, in bytes: measured with systemd 252 (README,
  /// "Install").
  package static let entry: Int64 = 910
  /// What each byte beyond the 30 of a plain heartbeat adds, for the payload is in two fields, and how much
  /// they add at most: journald compresses fields from 512 bytes on.
  package static let byte: Int64 = 2
  static let bytesAtMost: Int64 = 600

  /// What there is to say.
  package struct Excess: Equatable, Sendable {
    /// Bytes a day.
    package var bytes: Int64
    /// Entries within `span` nanoseconds.
    package var entries: Int64
    package var span: Int64
  }

  private var entries: Int64 = 0
  private var payload: Int64 = 0
  private var since: Int64
  private var isTold = false

  package init(now: Int64) { since = now }

  /// A heartbeat gets an entry.
  ///
  /// - Parameter payload: its size in bytes, at most 1000.
  @inline(__always)
  package mutating func add(payload: Int) {
    entries &+= 1
    self.payload &+= Int64(payload)
  }

  /// Other settings are in force: what was measured before does not count.
  package mutating func restart(now: Int64) { (entries, payload, since) = (0, 0, now) }

  /// What there is to say; nil when it is not too much, was said before or is not known yet.
  package mutating func takeExcess(now: Int64) -> Excess? {
    guard !isTold, now - since >= Self.window else { return nil }
    defer { restart(now: now) }
    let longer = max(0, payload - entries * 30) * Self.byte
    let written = entries * Self.entry + min(longer, entries * Self.bytesAtMost)
    let bytes = Double(written) * 86_400e9 / Double(now - since)
    guard bytes > Double(Self.limit) else { return nil }
    isTold = true
    return Excess(bytes: Int64(bytes), entries: entries, span: now - since)
  }
}
