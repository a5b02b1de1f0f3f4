// SPDX-License-Identifier: Apache-2.0

import Journal
import Settings

extension LogPolicy {
  init(_ settings: Settings.Log) {
    self.init(
      rate: settings.hasBudget ? settings.rate : 0, burst: settings.burst, queue: settings.queue,
      leavesOutAll: settings.level.journalPriority < .info,
      leavesOutOwn: !settings.own || settings.heartbeats == .no,
      leavesOutOthers: settings.heartbeats != .yes)
  }
}

extension Settings.LogLevel {
  /// The lowest priority that passes this level.
  var journalPriority: JournalPriority {
    switch self {
    case .error: .error
    case .warning: .warning
    case .notice: .notice
    case .info: .info
    case .debug: .debug
    }
  }
}
