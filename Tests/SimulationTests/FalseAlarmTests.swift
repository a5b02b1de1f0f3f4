// SPDX-License-Identifier: Apache-2.0

import Platform
import Testing

@testable import Simulation

@Suite("False alarms in simulated years")
struct FalseAlarmTests {
  @Test(
    "a channel loses as its matrix says, run by run",
    arguments: [
      LossChannel.independent(0.05, "5 %"),
      LossChannel.bursts("bursts", length: 3, every: 100, loss: (0.01, 0.7)),
    ])
  func channel(channel: LossChannel) {
    var sequence = LossSequence(channel, seed: 1)
    var (beats, lost) = (0.0, 0.0)
    var runs = [Double](repeating: 0, count: 5)
    while beats < 1_000_000 {
      let stretch = sequence.next()
      beats += Double(stretch.arrived + stretch.lost)
      lost += Double(stretch.lost)
      for length in 1..<5 where stretch.lost >= length { runs[length] += 1 }
    }
    #expect(abs(lost / beats / channel.meanLoss - 1) < 0.03)
    for length in 1..<5 {
      let expected = channel.rate(ofRuns: length) * beats
      #expect(abs(runs[length] - expected) < 5 * expected.squareRoot(), "\(length)")
    }
    #expect(channel.chance(ofRun: 1, beganBad: true) == 1)
  }

  @Test("for independent losses the closed form is the power of the loss")
  func closedForm() {
    let channel = LossChannel.independent(0.1, "10 %")
    for length in 1...6 {
      var power = 0.9
      for _ in 0..<length { power *= 0.1 }
      #expect(abs(channel.rate(ofRuns: length) - power) < power * 1e-9)
    }
  }

  @Test("the same seed is the same years, another one others")
  func replay() {
    func run(_ seed: UInt64) -> [[Int32]] {
      var run = FalseAlarmRun(.independent(0.01, "1 %"), .standard, groups: [1, 100], seed: seed)
      run.pair(years: 0.01)
      #expect(run.beats > 315_000)
      return run.outcomes.map(\.detections)
    }
    #expect(run(1) == run(1) && run(1) != run(2) && run(1).allSatisfy { !$0.isEmpty })
  }
}
