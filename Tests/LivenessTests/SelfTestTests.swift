// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Liveness
@testable import Platform

@Suite("Our own heartbeats come back")
struct SelfTestTests {
  private let source = Endpoint(IPAddress(family: .ipv4, high: 0, low: 0x0a00_0005), port: 1)

  /// One heartbeat that came back on interface 0, and then so many that did not.
  private func afterUnheard(_ count: Int, interval: Int64 = second) -> (SelfTest, Int64) {
    var test = SelfTest()
    test.expect(on: [0], at: 0)
    test.sent([0], on: 0)
    #expect(test.heard(on: 0, from: source, at: 1) == nil)
    test.sent((1...count).map { Int64($0) * interval }, on: 0)
    return (test, Int64(count) * interval)
  }

  private func notHeard(_ unheard: Int, on interface: Int32 = 0) -> SelfTest.Event {
    SelfTest.Event(interface: interface, change: .notHeard(unheard: unheard))
  }

  @Test("five that do not come back are a local fault, reported once")
  func notHeard() {
    var (four, time) = afterUnheard(4)
    #expect(four.judge(at: time) == nil)
    four.sent([time + second], on: 0)
    #expect(four.judge(at: time + second) == notHeard(5))
    #expect(four.judge(at: time + 2 * second) == nil)
    #expect(four.areMissing(on: 0))
  }

  @Test("one that comes back ends it")
  func heardAgain() {
    var (test, time) = afterUnheard(9)
    #expect(test.judge(at: time) == notHeard(9))
    #expect(
      test.heard(on: 0, from: source, at: time + 1)
        == SelfTest.Event(interface: 0, change: .heardAgain(silentFor: time)))
    #expect(!test.areMissing(on: 0) && !test.isDoubtful(on: 0))
    #expect(test.judge(at: time + second) == nil)
  }

  @Test("at 10 ms it waits for a second")
  func patience() {
    var (test, time) = afterUnheard(50, interval: 10 * millisecond)
    #expect(test.judge(at: time) == nil)
    #expect(test.judge(at: time + second) == notHeard(50))
  }

  @Test("it is doubtful from two on, for one may be on its way")
  func doubtful() {
    #expect(!afterUnheard(1).0.isDoubtful(on: 0))
    #expect(afterUnheard(2).0.isDoubtful(on: 0))
  }

  @Test("what was sent before the last one that came back is not waited for")
  func late() {
    var (test, _) = afterUnheard(1)
    _ = test.heard(on: 0, from: source, at: 10 * second)
    test.sent((2...10).map { $0 * second }, on: 0)
    #expect(!test.isDoubtful(on: 0))
    #expect(
      test.reports == [
        SelfTest.Report(interface: 0, address: source.address, port: 1, beats: 2, lastHeard: 10 * second)
      ])
  }

  @Test("drops of the kernel begin the count anew, and a change of settings the test")
  func anew() {
    var (test, time) = afterUnheard(4)
    test.noteKernelDrops()
    test.sent([time + second], on: 0)
    #expect(test.judge(at: time + second) == nil)
    var (other, end) = afterUnheard(5)
    #expect(other.judge(at: end) == notHeard(5))
    other.expect(on: [], at: 0)
    #expect(other == SelfTest())
  }

  @Test("each interface is tested by itself, and none where ours are not expected")
  func interfaces() {
    var (test, time) = afterUnheard(5)
    test.expect(on: [0, 1], at: 0)
    test.sent((1...7).map { $0 * second }, on: 1)
    test.sent((1...7).map { $0 * second }, on: 2)
    _ = test.heard(on: 0, from: source, at: time)
    #expect(test.judge(at: 10 * second) == notHeard(7, on: 1))
    #expect(test.judge(at: 10 * second) == nil)
    #expect(test.missing.map(\.interface) == [1])
    #expect(test.heard(on: 2, from: source, at: time) == nil && test.unheardSince(on: 2) == nil)
  }

  @Test("what was sent before it began, as before the interface was down, is not waited for")
  func begunAnew() {
    var test = SelfTest()
    test.expect(on: [0], at: 0)
    test.expect(on: [], at: second)
    test.expect(on: [0], at: 2 * second)
    // They came back, and were told of with the first that was sent after that.
    test.sent((5...9).map { $0 * 100 * millisecond } + [2 * second], on: 0)
    #expect(test.judge(at: 3 * second) == nil && !test.isDoubtful(on: 0))
  }
}
