// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Counts what became of every datagram.
///
/// Each method keeps the invariant `received = logged + summarised + queued`. Counts begin at the start of
/// the process.
package struct Ledger: Equatable, Sendable {
  /// Datagrams for our group on our interfaces, as read from the socket.
  package private(set) var received: UInt64 = 0
  /// Of these, entries written to the journal's socket or the console.
  package private(set) var logged: UInt64 = 0
  /// Of these, datagrams without an entry of their own, because of the log budget, a stalled journal,
  /// `log.own`, `log.heartbeats` or `log.level`.
  package private(set) var summarised: UInt64 = 0
  /// Of these, entries waiting for the journal.
  package private(set) var queued: UInt64 = 0
  /// Of those received, datagrams longer than a receive slot.
  package private(set) var truncated: UInt64 = 0
  /// Datagrams that the kernel dropped because the receive buffer was full.
  package private(set) var kernelDropped: UInt64 = 0
  /// Datagrams read from the socket that were for another group or interface; not in `received`.
  package private(set) var foreign: UInt64 = 0
  /// Of those received, heartbeats of others without a code or with a wrong one, where heartbeats are
  /// authenticated.
  package private(set) var unauthenticated: UInt64 = 0
  /// Of those received, heartbeats of others whose number or time is of the past, where heartbeats are
  /// authenticated.
  package private(set) var replayed: UInt64 = 0
  /// Heartbeats that the kernel accepted, one for each interface.
  package private(set) var sent: UInt64 = 0
  /// Heartbeats that the kernel refused.
  package private(set) var sendFailed: UInt64 = 0

  package init() {}

  /// The datagrams of one batch from the socket.
  package struct Batch: Equatable, Sendable {
    package var queued: UInt64 = 0
    package var summarised: UInt64 = 0
    package var truncated: UInt64 = 0
    package var foreign: UInt64 = 0
    package var unauthenticated: UInt64 = 0
    package var replayed: UInt64 = 0

    package init() {}

    package var received: UInt64 { queued + summarised }
  }

  package mutating func receive(_ batch: Batch) {
    received += batch.received
    queued += batch.queued
    summarised += batch.summarised
    truncated += batch.truncated
    foreign += batch.foreign
    unauthenticated += batch.unauthenticated
    replayed += batch.replayed
  }

  /// Entries of the queue were written.
  package mutating func log(_ count: Int) {
    queued -= UInt64(count)
    logged += UInt64(count)
  }

  /// Entries of the queue were dropped.
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
  /// One line, as logged at shutdown.
  package var description: String {
    "\(received) received = \(logged) logged + \(summarised) summarised + \(queued) queued; "
      + "\(kernelDropped) dropped by the kernel, \(truncated) truncated, \(foreign) foreign, "
      + "\(unauthenticated) unauthenticated, \(replayed) replayed; "
      + "\(sent) sent, \(sendFailed) not sent"
  }

  /// The counts by the names of their fields, without MCAST_LEDGER_.
  package var counts: [(name: String, value: UInt64)] {
    [
      ("received", received), ("logged", logged), ("summarised", summarised), ("queued", queued),
      ("kernelDropped", kernelDropped), ("truncated", truncated), ("foreign", foreign),
      ("unauthenticated", unauthenticated), ("replayed", replayed), ("sent", sent),
      ("sendFailed", sendFailed),
    ]
  }
}

/// The ledger of the process, updated by its loops. Every snapshot is consistent.
package final class SharedLedger: Sendable {
  private let ledger = Mutex(Ledger())

  package init() {}

  package var snapshot: Ledger { ledger.withLock { $0 } }

  package func update(_ step: (inout Ledger) -> Void) {
    ledger.withLock { step(&$0) }
  }
}
