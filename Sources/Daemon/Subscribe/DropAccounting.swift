// SPDX-License-Identifier: Apache-2.0

import Journal
import Monitor
import Multicast
import Platform

/// The kernel's drops at the receive socket: counted, kept for the next process, and reported at the pace of
/// `SummaryPace`.
struct DropAccounting {
  private let directory: String?
  private var counter: DropCounter?
  private var counterHealth = FileHealth()
  private var summary = SummaryPace()
  /// Time of the last count, in ns of CLOCK_MONOTONIC.
  private var lastCount = Clocks.monotonic()

  /// - Parameter directory: The runtime directory; nil keeps nothing over a restart.
  init(directory: String?) { self.directory = directory }

  /// Another socket is read. If the previous process had it, its drops are counted from where that left off.
  mutating func begin(_ receiver: MulticastReceiver) {
    counter = DropCounter(of: receiver, directory: directory)
  }

  /// - Returns: Drops since the last call.
  mutating func count(_ receiver: MulticastReceiver, now: Int64) -> UInt32 {
    let new = counter?.update(receiver.kernelDrops) ?? 0
    summary.add(UInt64(new), since: lastCount, now: now)
    lastCount = now
    return new
  }

  /// Saves the count for the next process.
  mutating func save(_ events: EventReporter) {
    events.report(
      counterHealth.note(.of { () throws(FileFailure) in try counter?.write() }),
      files: "the kernel's drop count",
      consequence: "After a restart drops may be counted twice.")
  }

  /// - Parameter isFinal: Whether receiving has ended, so that nothing may wait for a later call.
  mutating func report(_ receiver: MulticastReceiver, _ events: EventReporter, now: Int64, isFinal: Bool) {
    guard let drops = summary.take(now: now, isFinal: isFinal) else { return }
    events.report(.receiving(.dropped(drops, buffer: receiver.grantedReceiveBuffer), group: receiver.group))
  }
}
