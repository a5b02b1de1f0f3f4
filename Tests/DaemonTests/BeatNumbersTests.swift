// SPDX-License-Identifier: Apache-2.0

import Glibc
import TestSupport
import Testing

@testable import Daemon
@testable import Heartbeat
@testable import Multicast
@testable import Platform

struct BeatNumbersTests {
  private static let millisecond: Int64 = 1_000_000

  private func run(_ directory: String?, at milliseconds: Int64) -> UInt64 {
    BeatNumbers(directory: directory, realtime: milliseconds * Self.millisecond).run
  }

  @Test("a run is later than the one before, also within a millisecond and where the clock was set back")
  func runs() throws {
    let directory = try TemporaryDirectory()
    #expect(run(directory.path, at: 1000) == 1000)
    #expect(run(directory.path, at: 1000) == 1001)
    #expect(run(directory.path, at: 500) == 1002)
    #expect(run(directory.path, at: 2000) == 2000)
    #expect(run(nil, at: 500) == 500)
  }

  @Test(
    "a run that is damaged, or of decades to come, is not followed",
    arguments: ["", "x", "ffffffffffffffff", "-1"])
  func damaged(text: String) throws {
    let directory = try TemporaryDirectory()
    let file = try #require(fopen("\(directory.path)/run", "w"))
    fputs(text, file)
    fclose(file)
    #expect(run(directory.path, at: 1000) == 1000)
  }

  @Test("each interface has numbers of its own from 1, which go on when it comes back")
  func interfaces() {
    var numbers = BeatNumbers(directory: nil, realtime: 0)
    let (first, second) = (numbers.place(of: "eth0"), numbers.place(of: "eth1"))
    #expect(numbers.next(at: first) == (1, 1) && numbers.next(at: second) == (1, 2))
    numbers.noteSent(at: first)
    // One that was not sent has no number.
    #expect(numbers.next(at: first) == (2, 1) && numbers.next(at: second) == (1, 2))
    #expect(numbers.place(of: "eth0") == first)
    for number in 0..<100 { _ = numbers.place(of: "veth\(number)") }
    #expect(Int(numbers.next(at: numbers.place(of: "veth99")).via) == Announcement.mostInterfaces)
  }

  @Test("without a name a heartbeat is plain, and its goodbye has one word")
  func plain() throws {
    var writer = BeatWriter(BeatNumbers(directory: nil, realtime: 0))
    var plan = Publisher.Plan(
      group: Example.group, interval: .seconds(2), options: .init(ttl: 1, loopback: true), zone: .utc,
      saysGoodbye: true)
    let place = writer.numbers.place(of: "eth0")
    func text(isGoodbye: Bool) -> String {
      writer.write(.earliest, plan, WallClock(zone: .utc), number: place, isGoodbye: isGoodbye)
      return String(decoding: writer.bytes, as: UTF8.self)
    }
    #expect(text(isGoodbye: false) == "ATU 0001-01-01 00:00:00.000000")
    #expect(text(isGoodbye: true) == "ATU 0001-01-01 00:00:00.000000 bye=stop")
    plan.name = "ups1"
    #expect(text(isGoodbye: false) == "ATU 0001-01-01 00:00:00.000000 host=ups1 run=1 seq=1 every=2s z=+0000")
  }
}
