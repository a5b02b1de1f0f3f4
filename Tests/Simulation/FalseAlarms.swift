// SPDX-License-Identifier: Apache-2.0

import Liveness
import Platform

/// `simulate --false-alarms`: whether groups are called silent in error no more often than is allowed, and
/// failures are found as fast as they should be, over years.
enum FalseAlarms {
  static let usage = """
    usage: simulate --false-alarms [--years Y] [--seed N] [--rate RATE] [--pairs P]

    Runs P pairs of a sender and a receiver over Y years in all for each kind of loss, at one beat a second, and
    compares false alarms with what is allowed and with the closed form. Ends with status 1 where there are more,
    or where failures are found too late.
    """

  /// Median of the time in which a failure is found where no more than 0.1 % is lost, in milliseconds: that
  /// of VRRP is 3.61 s.
  static let longestMedian: Int32 = 3600
  static let littleLoss = 0.001

  static let groups = [1, 10, 100, 1000]

  static let channels: [LossChannel] = [
    .independent(0.0001, "0.01 %"),
    .independent(0.001, "0.1 %"),
    .independent(0.01, "1 %"),
    .independent(0.05, "5 %"),
    .independent(0.1, "10 %"),
    // Collisions or a full queue: two beats or so, half of them lost, many times an hour.
    .bursts("bursts of 2", length: 2, every: 500, loss: (0.001, 0.5)),
    // Radio: three beats or so, half of them lost, every hour, among many single losses.
    .bursts("bursts of 3", length: 3, every: 3600, loss: (0.01, 0.5)),
    // A link that is gone for some seconds, every hour: more than fifteen beats would be needed.
    .bursts("bursts of 5", length: 5, every: 3600, loss: (0.0001, 0.9)),
  ]

  private struct Options {
    var seed: UInt64 = 1
    var years = 100.0
    var pairs = 10
    var rate = FalseAlarmRate.standard

    init?(_ arguments: some Sequence<String>) {
      var rest = Array(arguments)
      func take() -> String? { rest.isEmpty ? nil : rest.removeFirst() }
      while let option = take() {
        switch option {
        case "--false-alarms": break
        case "--seed":
          guard let number = take().flatMap({ UInt64($0) }) else { return nil }
          seed = number
        case "--years":
          guard let number = take().flatMap({ Double($0) }), 0.01...10_000 ~= number else { return nil }
          years = number
        case "--pairs":
          guard let number = take().flatMap({ Int($0) }), 1...10_000 ~= number else { return nil }
          pairs = number
        case "--rate":
          guard let value = take().flatMap({ FalseAlarmRate($0) }) else { return nil }
          rate = value
        default: return nil
        }
      }
    }
  }

  /// - Returns: The exit status.
  static func run(_ arguments: some Sequence<String>) -> Int32 {
    guard let options = Options(arguments) else {
      print(usage)
      return 64
    }
    print(FalseAlarmVerdict.heading)
    var failures = 0
    for channel in channels {
      var run = FalseAlarmRun(channel, options.rate, groups: groups, seed: options.seed)
      for _ in 0..<options.pairs { run.pair(years: options.years / Double(options.pairs)) }
      for (size, outcome) in zip(groups, run.outcomes) {
        let verdict = FalseAlarmVerdict(run, outcome, size: size)
        print(verdict)
        failures += verdict.isFailure ? 1 : 0
      }
    }
    print(
      "seed \(options.seed), \(options.pairs) pairs, \(options.years) host-years a kind of loss: "
        + (failures == 0 ? "no case failed" : "\(failures) cases failed"))
    return failures == 0 ? 0 : 1
  }
}
