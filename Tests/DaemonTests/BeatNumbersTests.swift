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
    BeatNumbers(directory: directory, realtime: milliseconds * Self.millisecond, monotonic: 0).run
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

  @Test("a clock that is set ahead by days begins another run, whose numbers begin anew")
  func clockSetLate() throws {
    let directory = try TemporaryDirectory()
    let day: Int64 = 86_400_000 * Self.millisecond
    var numbers = BeatNumbers(directory: directory.path, realtime: 5 * Self.millisecond, monotonic: 0)
    let place = numbers.place(of: "eth0")
    numbers.noteSent(at: place)
    numbers.followClock(realtime: 5 * Self.millisecond + day, monotonic: 0)
    #expect(numbers.run == 5 && numbers.next(at: place).sequence == 2)
    numbers.followClock(realtime: 400 * day, monotonic: 10)
    #expect(numbers.run == UInt64(400 * day / Self.millisecond) && numbers.next(at: place) == (1, 1))
    // It is no step that it is so far ahead, and one back is none that is followed.
    numbers.noteSent(at: place)
    numbers.followClock(realtime: 400 * day + 30, monotonic: 40)
    numbers.followClock(realtime: 0, monotonic: 50)
    #expect(numbers.next(at: place).sequence == 2)
    #expect(run(directory.path, at: 6) == numbers.run + 1)
  }

  @Test("the runs before are known, whoever kept them, and no more than the last of them")
  func runsBefore() throws {
    let day: Int64 = 86_400_000_000_000
    var numbers = BeatNumbers(after: [], realtime: day, monotonic: 0)
    #expect(numbers.runs == [86_400_000])
    numbers.followClock(realtime: 10 * day, monotonic: 0)
    #expect(numbers.runs == [864_000_000, 86_400_000])
    let next = BeatNumbers(after: numbers.runs, realtime: day, monotonic: 0)
    #expect(next.runs == [864_000_001, 864_000_000, 86_400_000])
    let directory = try TemporaryDirectory()
    for start in 1...30 { #expect(run(directory.path, at: Int64(start) * 1000) == UInt64(start) * 1000) }
    let last = BeatNumbers(directory: directory.path, realtime: 31_000 * Self.millisecond, monotonic: 0)
    #expect(last.runs == (16...31).reversed().map { $0 * 1000 })
  }

  @Test("each interface has numbers of its own from 1, which go on when it comes back")
  func interfaces() {
    var numbers = BeatNumbers(directory: nil, realtime: 0, monotonic: 0)
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
    var writer = BeatWriter(BeatNumbers(directory: nil, realtime: 0, monotonic: 0))
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
