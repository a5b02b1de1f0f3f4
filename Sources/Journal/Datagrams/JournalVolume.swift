// SPDX-License-Identifier: Apache-2.0

import Monitor

/// Detects that entries of heartbeats fill the journal: more than `limit` bytes a day, at the rate of
/// `window`. Reported once in the life of the process. A pure value; time is passed in, in monotonic
/// nanoseconds.
package struct JournalVolume {
  /// Bytes a day.
  package static let limit: Int64 = 1_000_000_000
  /// The time over which the rate is measured, in ns.
  static let window: Int64 = 300_000_000_000
  /// Size of a plain heartbeat's entry in the journal, in bytes: docs/FACTS.md, "What an entry
  /// costs", rounded up.
  package static let entry: Int64 = 910
  /// Bytes for each byte of payload beyond the 30 of a plain heartbeat, because the payload is in two fields;
  /// at most `bytesAtMost` in all, because journald compresses fields of 512 bytes and more.
  package static let byte: Int64 = 2
  static let bytesAtMost: Int64 = 600

  private var entries: Int64 = 0
  private var payload: Int64 = 0
  private var since: Int64
  private var isReported = false

  package init(now: Int64) { since = now }

  /// Counts the entry of a heartbeat.
  ///
  /// - Parameter payload: bytes.
  @inline(__always)
  package mutating func add(payload: Int) {
    entries &+= 1
    self.payload &+= Int64(payload)
  }

  /// Starts a new measurement, because the policy has changed.
  package mutating func restart(now: Int64) { (entries, payload, since) = (0, 0, now) }

  /// Nil when the limit is not exceeded, was reported before, or the measurement is not complete.
  package mutating func takeExcess(now: Int64) -> JournalEvent? {
    guard !isReported, now - since >= Self.window else { return nil }
    defer { restart(now: now) }
    let longer = max(0, payload - entries * 30) * Self.byte
    let written = entries * Self.entry + min(longer, entries * Self.bytesAtMost)
    let bytes = Double(written) * 86_400e9 / Double(now - since)
    guard bytes > Double(Self.limit) else { return nil }
    isReported = true
    return .heartbeatVolume(bytes: Int64(bytes), entries: entries, span: now - since)
  }
}
