// SPDX-License-Identifier: Apache-2.0

/// Why a peer may miss several beats in a row.
package enum LossCause: UInt8, CaseIterable, Sendable {
  /// Losses that are independent of one another.
  case loss
  /// Losses that came closer to one another just now than what is known of before.
  case recentLoss
  /// Losses that follow one another more often than independent ones would.
  case bursts
}

/// How often runs of losses are at least how long: as if each lost beat after the first `from` were followed
/// by another one with the same chance (a geometric distribution), which is known only from what was counted.
///
/// A mixture of geometric distributions, as that of Gilbert and Elliott, has a tail that falls ever slower,
/// so that it is looked at from several lengths on, and the worst counts.
struct LossTail: Equatable, Sendable {
  /// Why there are such runs.
  var cause: LossCause
  /// The length from which on the tail is known, in beats, 0 or more.
  var from: Int
  /// Runs of `from` lost beats or more, as a share of all beats. 1 where `from` is 0, for each beat may begin
  /// a run.
  var rate: Double
  /// Of `trials` beats how many were lost, with what is assumed before anything is counted; more than 0.
  var continued: Double
  /// Beats that could have been lost and have lengthened a run, with what is assumed.
  var trials: Double

  /// Losses of which each beat may be the first.
  ///
  /// - Parameters:
  ///   - lost: Lost beats, of so many. Half a loss more, and half a beat that arrived, is assumed (Jeffreys'
  ///     prior).
  init(_ cause: LossCause, lost: Double, of beats: Double) {
    self.init(cause: cause, from: 0, rate: 1, continued: lost + 0.5, trials: beats + 1)
  }

  init(cause: LossCause, from: Int, rate: Double, continued: Double, trials: Double) {
    (self.cause, self.from, self.rate) = (cause, from, rate)
    (self.continued, self.trials) = (continued, trials)
  }

  /// The chance that a run goes on for another beat: the mean of what it may be.
  var ratio: Double { continued / trials }

  /// Runs of so many lost beats or more, as a share of all beats: the mean over all chances that would
  /// explain what was counted (of a beta distribution). That is more than the power of the mean chance, by
  /// much where little was counted: where of a hundred beats none was lost, 1/14,000 for two in a row.
  ///
  /// - Parameter length: Beats.
  func rate(ofRuns length: Int) -> Double {
    guard length > from else { return rate }
    var product = rate
    for step in 0..<(length - from) {
      product *= (continued + Double(step)) / (trials + Double(step))
    }
    return product
  }

  /// The same for this length and the one before it.
  func rates(ofRuns length: Int) -> (now: Double, less: Double) {
    let less = rate(ofRuns: length - 1)
    let step = Double(length - 1 - from)
    return (step < 0 ? less : less * (continued + step) / (trials + step), less)
  }

  /// The shortest length of which runs are not more often than `limit`, within a range; its end where none
  /// is.
  func length(in range: ClosedRange<Int>, limit: Double) -> Int {
    range.first { rate(ofRuns: $0) <= limit } ?? range.upperBound
  }
}

/// When a count is more than chance would make of what was expected: a one-sided test of Poisson counts.
struct Significance: Sendable {
  /// How often chance alone may do that.
  private let chance: Double
  /// The quantile of the normal distribution for it.
  private let deviations: Double

  /// Once in a hundred cases: to look for bursts.
  static let possible = Significance(chance: 1e-2, deviations: 2.33)
  /// Once in a thousand cases: to be careful for some minutes.
  static let likely = Significance(chance: 1e-3, deviations: 3.09)

  /// - Parameters:
  ///   - count: Events, 0 to 65,535; rounded.
  ///   - expected: Their mean, more than 0.
  func isMore(_ count: Double, than expected: Double) -> Bool {
    let events = count.rounded()
    guard events > expected else { return false }
    if expected > 1 {
      // Normal, with the skew of Poisson's distribution (Cornish and Fisher).
      return events > expected + deviations * expected.squareRoot() + deviations * deviations / 6
    }
    // At most mean^n / n!, and the mean is at most 1.
    var bound = 1.0
    for event in 1...Int(min(events, 20)) { bound *= expected / Double(event) }
    return bound <= chance
  }
}
