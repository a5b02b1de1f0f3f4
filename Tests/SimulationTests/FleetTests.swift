// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Simulation

@Suite("Fleets with one rule")
struct FleetTests {
  /// `packaging/simulate --fleet` runs many more, in a release build.
  @Test("no host acts on what it cannot know, whatever goes wrong", arguments: [5, 11, 40])
  func invariants(seed: UInt64) {
    let world = ReadingsWorld(ReadingsScenario(fleet: seed, hosts: 12))
    world.run()
    if let violation = world.violation {
      Issue.record("seed \(seed): \(violation)\npackaging/simulate --fleet --seed \(seed) --hosts 12 --trace")
    }
    #expect(world.fleetCounts.transitions > 0)
  }

  @Test("what a condition may be follows from what each host may say")
  func possible() {
    #expect(Possible.quorum(2, of: [.yes, .yes, .unknown]) == .yes)
    #expect(Possible.quorum(2, of: [.yes, .no, .no]) == .no)
    #expect(Possible.quorum(2, of: [.yes, .no, .unknown]) == .unknown)
    #expect(Possible.quorum(2, of: [.yes, .no, [.no, .unknown]]) == [.no, .unknown])
    #expect(Possible.any([.unknown, .yes]) == .yes)
    #expect(Possible([.yes, .unknown]).negated == [.no, .unknown])
  }
}
