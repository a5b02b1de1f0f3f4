// SPDX-License-Identifier: Apache-2.0

/// A network that loses beats by the model of Gilbert and Elliott: it is good or bad, changes with each beat,
/// and loses more while it is bad. One that never becomes bad loses independently.
struct LossChannel: Sendable {
  var name: String
  /// The chance that a beat is lost, 0 to 1: while the network is good, and while it is bad.
  var loss: (good: Double, bad: Double)
  /// The chance that a good network is bad with the next beat, and a bad one good.
  var change: (worse: Double, better: Double)

  /// A share of all beats, each by itself.
  static func independent(_ loss: Double, _ name: String) -> LossChannel {
    LossChannel(name: name, loss: (loss, loss), change: (0, 1))
  }

  /// - Parameters:
  ///   - length: Beats for which the network is bad, in the mean.
  ///   - distance: Beats for which it is good.
  ///   - loss: In the good state and in the bad one.
  static func bursts(
    _ name: String, length: Double, every distance: Double, loss: (good: Double, bad: Double)
  ) -> LossChannel {
    LossChannel(name: name, loss: loss, change: (1 / distance, 1 / length))
  }

  /// The share of beats for which the network is bad.
  private var badness: Double { change.worse / (change.worse + change.better) }

  /// The share of beats that are lost.
  var meanLoss: Double { (1 - badness) * loss.good + badness * loss.bad }

  /// The chances of good and bad after another beat.
  private func next(_ chances: (good: Double, bad: Double)) -> (good: Double, bad: Double) {
    let bad = chances.good * change.worse + chances.bad * (1 - change.better)
    return (chances.good + chances.bad - bad, bad)
  }

  /// The chance that as many beats more are lost, from the chances of the states at the last one on.
  private func chance(ofLosing count: Int, after chances: (good: Double, bad: Double)) -> Double {
    var state = chances
    for _ in 0..<max(0, count) {
      let next = next(state)
      state = (next.good * loss.good, next.bad * loss.bad)
    }
    return state.good + state.bad
  }

  /// Runs of `length` losses or more, as a share of all beats: what a rule of as many missed beats calls
  /// silent in error. For independent losses that is (1 - p) p^length.
  func rate(ofRuns length: Int) -> Double {
    chance(ofLosing: length, after: ((1 - badness) * (1 - loss.good), badness * (1 - loss.bad)))
  }

  /// The chance that a run that began in a state has `length` losses or more.
  func chance(ofRun length: Int, beganBad: Bool) -> Double {
    chance(ofLosing: length - 1, after: beganBad ? (0, 1) : (1, 0))
  }
}

/// What a channel does with one beat after the other, by jumps over all that arrive.
struct LossSequence {
  /// Beats that arrive one after the other, at least one, and the run of losses after them.
  struct Stretch {
    var arrived: UInt32
    var lost: UInt32
    /// Whether the network was bad at the first loss.
    var beganBad: Bool
  }

  private let channel: LossChannel
  private var random: Random
  private var isBad = false
  /// Beats until the next one that is lost or at which the state changes: while the network is good, and
  /// while it is bad.
  private let quiet: (good: Geometric, bad: Geometric)

  init(_ channel: LossChannel, seed: UInt64) {
    self.channel = channel
    random = Random(seed: seed)
    quiet = (
      Geometric((1 - channel.change.worse) * (1 - channel.loss.good)),
      Geometric((1 - channel.change.better) * (1 - channel.loss.bad))
    )
  }

  mutating func next() -> Stretch {
    var arrived: UInt32 = 1
    while true {
      arrived += isBad ? quiet.bad.sample(&random) : quiet.good.sample(&random)
      if happens() { break }
      arrived += 1
    }
    let beganBad = isBad
    var lost: UInt32 = 1
    while loses() { lost += 1 }
    return Stretch(arrived: arrived, lost: lost, beganBad: beganBad)
  }

  /// A beat that is lost or at which the state changes. Returns whether it is lost.
  private mutating func happens() -> Bool {
    let change = isBad ? channel.change.better : channel.change.worse
    let loss = isBad ? channel.loss.bad : channel.loss.good
    if random.chance(change / (change + (1 - change) * loss)) {
      isBad.toggle()
      return random.chance(isBad ? channel.loss.bad : channel.loss.good)
    }
    return true
  }

  /// Any beat. Returns whether it is lost.
  private mutating func loses() -> Bool {
    if random.chance(isBad ? channel.change.better : channel.change.worse) { isBad.toggle() }
    return random.chance(isBad ? channel.loss.bad : channel.loss.good)
  }
}

/// How often something with a constant chance happens in a row. The binary digits of such a number are
/// independent of one another, so that each is drawn by itself, and no logarithm is needed.
private struct Geometric {
  private var chances: [Double] = []

  /// - Parameter continues: The chance to go on, 0 to less than 1.
  init(_ continues: Double) {
    var power = continues
    while power > 1e-12, chances.count < 31 {
      chances.append(power / (1 + power))
      power *= power
    }
  }

  func sample(_ random: inout Random) -> UInt32 {
    var number: UInt32 = 0
    for (digit, chance) in chances.enumerated() where random.chance(chance) { number |= 1 << UInt32(digit) }
    return number
  }
}
