// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Simulation

@Suite("Worlds of daemons")
struct WorldTests {
  @Test("where nothing goes wrong nobody is accused", arguments: [1, 2, 3, 4])
  func calm(seed: UInt64) {
    let world = World(Scenario(seed: seed, duration: .seconds(300), hosts: 10, isCalm: true))
    var told: [String] = []
    world.show { if $0.contains(" told ") { told.append($0) } }
    world.run()
    #expect(world.violation == nil)
    #expect(told.count == 90)
    #expect(told.allSatisfy { $0.contains("told discovered") })
  }

  /// `packaging/simulate` runs many more, in a release build.
  @Test("no invariant is broken, whatever goes wrong", arguments: 1...UInt64(12))
  func invariants(seed: UInt64) {
    let world = World(Scenario(seed: seed, duration: .seconds(180)))
    world.run()
    if let violation = world.violation {
      let trace = world.lastLines.joined(separator: "\n")
      Issue.record(
        "\(trace)\nseed \(seed): \(violation)\npackaging/simulate --seed \(seed) --hours 0.05 --trace")
    }
  }
}

@Suite("The timeline")
struct TimelineTests {
  @Test("entries come by time, and at the same time as they were made", arguments: [1, 2, 3])
  func order(seed: UInt64) {
    var random = Random(seed: seed)
    var timeline = Timeline()
    for number in 0..<1000 { timeline.add(.wake, at: random.between(0, 50), host: 0, a: number) }
    var before: (time: Int64, number: Int32) = (-1, -1)
    while let moment = timeline.next(until: 50) {
      #expect((before.time, before.number) < (moment.time, moment.a))
      before = (moment.time, moment.a)
    }
    #expect(timeline.count == 0)
  }

  @Test("a host's clock and simulated time agree", arguments: [-200, 0, 7, 200])
  func clock(drift: Int64) {
    let clock = HostClock(boot: 123_456_789, drift: drift)
    for time: Int64 in [0, 1, 999_999, 1_000_000, 3_600_000_000_001, 864_000_000_000_000] {
      let reading = clock.monotonic(time)
      #expect(clock.monotonic(clock.time(ofMonotonic: reading)) == reading)
      #expect(abs(clock.time(ofMonotonic: reading) - time) <= 1)
    }
  }
}
