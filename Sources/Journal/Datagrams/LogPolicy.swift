// SPDX-License-Identifier: Apache-2.0

/// Which datagrams get entries of their own.
package struct LogPolicy: Equatable, Sendable {
  /// Entries a second; 0 for no budget.
  package var rate: Int
  /// Entries at once; 0 for no budget.
  package var burst: Int
  /// Bytes of entries that may wait for journald.
  package var queue: Int
  /// Whether no datagram gets an entry: each is less important than what is logged.
  package var leavesOutAll: Bool
  /// Whether our own heartbeats, heard back, get no entries.
  package var leavesOutOwn: Bool
  /// Whether everybody else's heartbeats get no entries.
  package var leavesOutOthers: Bool

  package init(
    rate: Int, burst: Int, queue: Int, leavesOutAll: Bool, leavesOutOwn: Bool, leavesOutOthers: Bool
  ) {
    self.rate = rate
    self.burst = burst
    self.queue = queue
    self.leavesOutAll = leavesOutAll
    self.leavesOutOwn = leavesOutOwn
    self.leavesOutOthers = leavesOutOthers
  }
}
