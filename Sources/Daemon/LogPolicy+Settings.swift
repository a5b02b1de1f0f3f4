// SPDX-License-Identifier: Apache-2.0

import Journal
import Settings

extension LogPolicy {
  init(_ settings: Settings.Log) {
    self.init(
      rate: settings.hasBudget ? settings.rate : 0, burst: settings.burst, queue: settings.queue,
      leavesOutAll: settings.level.priority < Settings.LogLevel.info.priority,
      leavesOutOwn: !settings.own || settings.heartbeats == .no,
      leavesOutOthers: settings.heartbeats != .yes)
  }
}
