// SPDX-License-Identifier: Apache-2.0

import Daemon

/// How many datagrams a process sends, whatever its readings do.
///
/// Times are in nanoseconds of CLOCK_MONOTONIC.
struct SendingBudget {
  private static let second: Int64 = 1_000_000_000

  private let began: Int64
  /// Whether nothing changes but numbers of sensors.
  private let isNoise: Bool
  /// When heartbeats were sent in the last second.
  private var times: [Int64] = []
  /// Those that no schedule of heartbeats sent.
  private(set) var extra = 0

  init(at now: Int64, isNoise: Bool) {
    began = now
    self.isNoise = isNoise
  }

  /// Notes a heartbeat on the first interface.
  ///
  /// - Parameters:
  ///   - isExtra: Whether it was due for a change.
  ///   - interval: Of regular ones, in nanoseconds.
  /// - Returns: What it exceeds.
  mutating func note(isExtra: Bool, every interval: Int64, at now: Int64) -> String? {
    times.append(now)
    while let first = times.first, first <= now - Self.second { times.removeFirst() }
    // Beside those of 20 changes the beats, one more for where they begin, and two goodbyes.
    let most = (1 + ChangeSchedule.repetitions.count) * 20 + Int(Self.second / interval) + 3
    if times.count > most { return "\(times.count) datagrams in a second, \(most) are allowed" }
    if isExtra { extra += 1 }
    guard isNoise else { return nil }
    let seconds = Double(now - began) / 1e9
    // What is said first is no noise, and neither is a sensor that comes or goes, as at the start.
    let loud = 2 + ChangeSchedule.noiseAtOnce + seconds * ChangeSchedule.noiseRate
    let quiet = Double(now - began) / Double(ChangeSchedule.noiseGap)
    let allowed = Int(loud) * (1 + ChangeSchedule.repetitions.count) + Int(quiet) + 1
    return extra > allowed ? "\(extra) datagrams for noise in \(seconds) s, \(allowed) are allowed" : nil
  }
}
