// SPDX-License-Identifier: Apache-2.0

import Glibc
import Metrics
import Platform

/// `metrics.prom` in the runtime directory: the metrics for node_exporter's textfile collector, written again
/// and again (`metrics.interval`), on a queue of its own.
actor MetricsFile {
  private nonisolated let executor = QueueExecutor(label: "mcastd.metrics.file")
  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  private let daemon: Daemon
  private let path: String
  /// Nil where nothing is written.
  private var timer: LoopTimer?
  private var health = FileHealth()
  private var isWriting = false

  /// - Parameter directory: The runtime directory.
  init(of daemon: Daemon, directory: String) {
    self.daemon = daemon
    path = "\(directory)/metrics.prom"
  }

  /// Writes the file from now on, at once and then again and again.
  ///
  /// - Parameter interval: In nanoseconds; nil for no file: one that is there is removed.
  func follow(_ interval: Int64?) async {
    timer = nil
    guard let interval else {
      return note { () throws(FileFailure) in try RuntimeFile.remove(path) }
    }
    timer = LoopTimer(on: daemon.loop, every: interval, leeway: interval / 10) { [weak self] in
      guard let self else { return }
      Task(executorPreference: executor) { await self.write() }
    }
    await write()
  }

  /// Writes no more, and lets a file stand: over a restart it is as good as the next.
  func stop() { timer = nil }

  private func write() async {
    // One that takes longer than the interval is not begun twice.
    guard !isWriting else { return }
    isWriting = true
    let text = MetricText.prometheus.text(of: await MetricsListing.families(of: daemon))
    isWriting = false
    // Switched off meanwhile.
    guard timer != nil else { return }
    note { () throws(FileFailure) in
      try RuntimeFile.replace(path, mode: 0o644) { FileContents.write(text, to: $0) }
    }
  }

  private func note(_ change: () throws(FileFailure) -> Void) {
    daemon.events.report(
      health.note(.of(change)), files: "metrics",
      consequence: "Prometheus has old values, as node_textfile_mtime_seconds tells.")
  }
}

extension Daemon {
  /// Writes the file of metrics as often as the settings say, or removes it.
  func followMetrics() async {
    guard let runtimeDirectory, !service.isStopping else { return }
    let interval = settings.metricsInterval.nanoseconds
    let file = metrics ?? MetricsFile(of: self, directory: runtimeDirectory)
    metrics = interval > 0 ? file : nil
    await file.follow(interval > 0 ? interval : nil)
  }
}
