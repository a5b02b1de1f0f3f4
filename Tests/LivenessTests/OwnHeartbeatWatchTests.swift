// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Heartbeat
@testable import Liveness

@Suite("Our own heartbeat")
struct OwnHeartbeatWatchTests {
  private func afterUnheard(_ count: Int, interval: Int64 = second) -> (OwnHeartbeatWatch, Int64) {
    var watch = OwnHeartbeatWatch()
    watch.sent(at: 0)
    #expect(watch.heard(at: 1) == nil)
    for number in 1...count { watch.sent(at: Int64(number) * interval) }
    return (watch, Int64(count) * interval)
  }

  @Test("five that do not come back are a local fault, said once")
  func notHeard() {
    var (four, time) = afterUnheard(4)
    #expect(four.judge(at: time) == nil)
    four.sent(at: time + second)
    #expect(four.judge(at: time + second) == .notHeard(unheard: 5))
    #expect(four.judge(at: time + 2 * second) == nil)
    #expect(four.isNotHeard)
  }

  @Test("one that comes back ends it")
  func heardAgain() {
    var (watch, time) = afterUnheard(9)
    #expect(watch.judge(at: time) == .notHeard(unheard: 9))
    #expect(watch.heard(at: time + 1) == .heardAgain(silentFor: time))
    #expect(!watch.isNotHeard && watch.unheard == 0)
    #expect(watch.judge(at: time + second) == nil)
  }

  @Test("at 10 ms it waits for a second")
  func patience() {
    var (watch, time) = afterUnheard(50, interval: 10 * millisecond)
    #expect(watch.judge(at: time) == nil)
    #expect(watch.judge(at: time + second) != nil)
  }

  @Test("drops of the kernel begin the count anew, and a change of settings the watch")
  func anew() {
    var (watch, time) = afterUnheard(4)
    watch.noteKernelDrops()
    watch.sent(at: time + second)
    #expect(watch.judge(at: time + second) == nil)
    var (other, end) = afterUnheard(5)
    #expect(other.judge(at: end) != nil)
    other.reset()
    #expect(other == OwnHeartbeatWatch())
  }

  @Test("the kernel's stamp is put on the monotonic clock, and kept within what can be")
  func arrivals() {
    let clock = ArrivalClock(realtime: 1_790_000_000 * second, monotonic: 100 * second, emptyAt: 90 * second)
    #expect(clock.arrival(stamp: 1_789_999_995 * second) == 95 * second)
    #expect(clock.arrival(stamp: 1_790_003_600 * second) == 100 * second)
    #expect(clock.arrival(stamp: 1_789_990_000 * second) == 90 * second)
    #expect(clock.arrival(stamp: .min) <= 100 * second)
    let restarted = ArrivalClock(realtime: 1_790_000_000 * second, monotonic: 100 * second, emptyAt: .min)
    #expect(restarted.arrival(stamp: 1_789_999_940 * second) == 40 * second)
  }
}
