// SPDX-License-Identifier: Apache-2.0

import Journal
import Platform

/// Writes the checkpoint of peers, one after the other, and on none of the loops: encoding thousands of peers
/// takes long.
actor PeerCheckpointWriter {
  private nonisolated let executor = QueueExecutor(label: "mcastd.checkpoint")
  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  private let directory: String
  private let events: EventReporter
  private var health = FileHealth()

  /// - Parameter directory: The runtime directory; without one there is no writer.
  init?(directory: String?, events: EventReporter) {
    guard let directory else { return nil }
    self.directory = directory
    self.events = events
  }

  func write(_ checkpoint: PeerCheckpoint) {
    events.report(
      health.note(.of { () throws(FileFailure) in try checkpoint.write(directory: directory) }),
      files: "peers for the next process",
      consequence: "After a restart peers may be reported as new.")
  }
}
