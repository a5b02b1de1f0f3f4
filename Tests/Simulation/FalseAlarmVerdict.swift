// SPDX-License-Identifier: Apache-2.0

import Liveness
import Platform

/// What a simulation of false alarms found for one kind of loss and one size of the group, and whether it is
/// good enough.
struct FalseAlarmVerdict: CustomStringConvertible {
  private let name: String
  private let size: Int
  /// Years of pairs that were known for three days.
  private let hostYears: Double
  /// The fewest missed beats that keep what is allowed, by the closed form, and the false alarms that the
  /// group then has a year; nil where fifteen are not enough.
  private let closed: (number: Int, rate: Double)?
  private let alarms: Int
  /// False alarms of the group in a year: counted, and by the numbers of missed beats that held.
  private let counted: Double
  private let expected: Double
  private let allowed: Double
  /// False alarms of one pair in its first three days, to be expected.
  private let atFirst: Double
  private let numbers: [Int]
  private let median: Int32
  private let slowest: Int32
  private let insufficient: Double
  private let isLittleLoss: Bool

  init(_ run: FalseAlarmRun, _ outcome: FalseAlarmRun.Outcome, size: Int) {
    name = run.channel.name
    self.size = size
    let beats = outcome.allowance.beats
    hostYears = Double(run.beats - run.beatsAtFirst) / beats
    allowed = outcome.allowance.share * Double(size)
    let limit = outcome.allowance.share / beats
    closed = Patience.range.first { run.channel.rate(ofRuns: $0) <= limit }.map {
      ($0, run.channel.rate(ofRuns: $0) * beats * Double(size))
    }
    alarms = outcome.alarms
    let groupYears = max(hostYears, 1e-9) / Double(size)
    counted = Double(outcome.alarms) / groupYears
    expected = outcome.expected / groupYears
    atFirst =
      outcome.expectedAtFirst / max(1, Double(run.beatsAtFirst) / Double(FalseAlarmRun.firstBeats))
    numbers = outcome.numbers
    let detections = outcome.detections.sorted()
    median = detections.isEmpty ? 0 : detections[detections.count / 2]
    slowest = detections.isEmpty ? 0 : detections[detections.count * 99 / 100]
    insufficient = Double(outcome.insufficient) / Double(max(1, detections.count))
    isLittleLoss = run.channel.meanLoss <= FalseAlarms.littleLoss
  }

  /// The count of a Poisson variable of which the one that was seen is as many standard deviations below
  /// (above where less than 0), by Byar's approximation.
  private static func bound(_ count: Int, deviations: Double) -> Double {
    let number = Double(count) + (deviations > 0 ? 1 : 0)
    guard number > 0 else { return 0 }
    let root = 1 - 1 / (9 * number) + deviations / (3 * number.squareRoot())
    return number * root * root * root
  }

  /// More false alarms than are allowed, by what was to be expected, or by what was counted with a chance of
  /// one in a thousand to be wrong; or, where fifteen missed beats are not enough, not known as such.
  private var isInaccurate: Bool {
    guard closed != nil else { return insufficient < 0.5 }
    let least = Self.bound(alarms, deviations: -3.09) / max(hostYears, 1e-9) * Double(size)
    return expected > allowed || least > allowed
  }

  private var isSlow: Bool { isLittleLoss && median > FalseAlarms.longestMedian }

  /// Whether the case fails.
  var isFailure: Bool { isInaccurate || isSlow }

  static let heading =
    "loss         group  closed form      host-years  alarms  a group-year  95 % below  expected  allowed"
    + "   at first  median  99 %   missed beats K"

  var description: String {
    let upper = Self.bound(alarms, deviations: 1.645) / max(hostYears, 1e-9) * Double(size)
    let columns: [(String, Int)] = [
      (name, -12), ("\(size)", 6),
      (closed.map { "  K=\($0.number) \(Self.short($0.rate))" } ?? "  none", -18),
      (Self.short(hostYears), 10), ("\(alarms)", 8), (Self.short(counted), 14), (Self.short(upper), 12),
      (Self.short(expected), 10), (Self.short(allowed), 9), (Self.short(atFirst), 11),
      (Self.decimal(Double(median) / 1000, 2), 8), (Self.decimal(Double(slowest) / 1000, 2), 6),
    ]
    return columns.map { Self.padded($0.0, $0.1) }.joined() + "  " + shares
      + (isInaccurate ? "  TOO MANY" : "") + (isSlow ? "  TOO SLOW" : "")
  }

  /// The numbers of missed beats that held for at least one in a hundred of all failures.
  private var shares: String {
    let total = max(1, numbers.reduce(0, +))
    let often = numbers.indices.filter { numbers[$0] * 100 >= total }
    return often.map { "\($0):\(numbers[$0] * 100 / total)%" }.joined(separator: " ")
      + (insufficient >= 0.5 ? " not enough" : "")
  }

  /// To the right in so many columns, to the left where less than 0.
  private static func padded(_ text: String, _ width: Int) -> String {
    let space = String(repeating: " ", count: max(0, abs(width) - text.count))
    return width < 0 ? text + space : space + text
  }

  /// Three digits, and a power of ten where that is shorter.
  private static func short(_ number: Double) -> String {
    guard number > 0 else { return "0" }
    var (scaled, power) = (number, 0)
    while scaled < 1 { (scaled, power) = (scaled * 10, power - 1) }
    while scaled >= 10 { (scaled, power) = (scaled / 10, power + 1) }
    return -3...4 ~= power
      ? decimal(number, max(0, 2 - max(power, 0)) + max(0, -power - 1)) : "\(decimal(scaled, 1))e\(power)"
  }

  private static func decimal(_ number: Double, _ places: Int) -> String {
    var scale = 1
    for _ in 0..<places { scale *= 10 }
    let units = Int((number * Double(scale)).rounded())
    guard places > 0 else { return "\(units)" }
    return "\(units / scale).\(String(scale + units % scale).dropFirst())"
  }
}
