// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Where every datagram went.
///
/// `received = logged + summarised + queued` at every moment: each method is one step that keeps it so. All counts
/// are since the daemon started.
package struct Ledger: Equatable, Sendable, Codable {
  /// Datagrams for our group on our interfaces that were read from the socket.
  package private(set) var received: UInt64 = 0
  /// Of these, entries that the journal's socket (or the console) has taken.
  package private(set) var logged: UInt64 = 0
  /// Of these, datagrams without an entry of their own: the log budget, a stalled journal, `log.own`,
  /// `log.heartbeats`, `log.level`.
  package private(set) var summarised: UInt64 = 0
  /// Of these, entries that wait for the journal.
  package private(set) var queued: UInt64 = 0
  /// Of these, datagrams that were longer than a receive slot.
  package private(set) var truncated: UInt64 = 0
  /// Datagrams that the kernel dropped at our socket because the receive buffer was full.
  package private(set) var kernelDropped: UInt64 = 0
  /// Datagrams that reached the socket but were not for our group or interface.
  package private(set) var foreign: UInt64 = 0
  /// Heartbeats that the kernel took, one for each interface.
  package private(set) var sent: UInt64 = 0
  /// Heartbeats that the kernel refused.
  package private(set) var sendFailed: UInt64 = 0

  package init() {}

  /// One batch from the socket.
  package struct Batch: Equatable, Sendable {
    package var queued: UInt64 = 0
    package var summarised: UInt64 = 0
    package var truncated: UInt64 = 0
    package var foreign: UInt64 = 0

    package init() {}

    package var received: UInt64 { queued + summarised }
  }

  package mutating func receive(_ batch: Batch) {
    received += batch.received
    queued += batch.queued
    summarised += batch.summarised
    truncated += batch.truncated
    foreign += batch.foreign
  }

  /// The journal took entries from the queue.
  package mutating func log(_ count: Int) {
    queued -= UInt64(count)
    logged += UInt64(count)
  }

  /// Entries left the queue and will not reach the journal.
  package mutating func giveUp(_ count: Int) {
    queued -= UInt64(count)
    summarised += UInt64(count)
  }

  package mutating func drop(_ count: UInt64) { kernelDropped += count }

  package mutating func send(succeeded: Bool) {
    if succeeded { sent += 1 } else { sendFailed += 1 }
  }
}

extension Ledger: CustomStringConvertible {
  /// One line for people, as the journal has it at shutdown.
  package var description: String {
    "\(received) received = \(logged) logged + \(summarised) summarised + \(queued) queued; "
      + "\(kernelDropped) dropped by the kernel, \(truncated) truncated, \(foreign) foreign; "
      + "\(sent) sent, \(sendFailed) not sent"
  }

  /// The counts under their names in JSON, for fields and tables.
  package var counts: [(name: String, value: UInt64)] {
    [
      ("received", received), ("logged", logged), ("summarised", summarised), ("queued", queued),
      ("kernelDropped", kernelDropped), ("truncated", truncated), ("foreign", foreign), ("sent", sent),
      ("sendFailed", sendFailed),
    ]
  }
}

/// The one ledger of the process, kept by the loops and read by whoever asks: consistent at every reading.
package final class LedgerBook: Sendable {
  private let ledger = Mutex(Ledger())

  package init() {}

  package var reading: Ledger { ledger.withLock { $0 } }

  package func enter<Result: Sendable>(_ step: (inout sending Ledger) -> sending Result) -> Result {
    ledger.withLock(step)
  }
}
