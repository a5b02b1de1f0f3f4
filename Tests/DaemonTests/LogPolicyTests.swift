// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Daemon
@testable import Journal
@testable import Settings

struct LogPolicyTests {
  @Test(
    "log.heartbeats and log.own select the heartbeats without entries",
    arguments: Settings.Heartbeats.allCases, [true, false])
  func heartbeats(which: Settings.Heartbeats, own: Bool) {
    var settings = Settings.Log.everything
    (settings.heartbeats, settings.own) = (which, own)
    #expect(LogPolicy(settings).leavesOutOwn == !(which != .no && own))
    #expect(LogPolicy(settings).leavesOutOthers == (which != .yes))
  }

  @Test("a level above info leaves all datagrams out", arguments: Settings.LogLevel.allCases)
  func level(level: Settings.LogLevel) {
    var settings = Settings.Log.everything
    settings.level = level
    #expect(LogPolicy(settings).leavesOutAll == (level != .info && level != .debug))
  }

  @Test("there is no rate limit if log.rate or log.burst is 0")
  func budget() {
    var settings = Settings.Log.everything
    (settings.rate, settings.burst) = (10, 0)
    #expect(LogPolicy(settings).rate == 0)
    settings.burst = 20
    #expect(LogPolicy(settings).rate == 10 && LogPolicy(settings).burst == 20)
  }
}
