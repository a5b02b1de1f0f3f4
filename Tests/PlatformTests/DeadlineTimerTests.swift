// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Synchronization
import Testing

@testable import Platform

struct DeadlineTimerTests {
  /// Confined to its queue.
  private final class Bench: @unchecked Sendable {
    let queue = DispatchQueue(label: "test")
    let fired = DispatchSemaphore(value: 0)
    let count = Mutex(0)
    var timer: DeadlineTimer?

    init() {
      timer = DeadlineTimer(queue: queue) { [unowned self] in
        count.withLock { $0 += 1 }
        fired.signal()
      }
    }

    func set(_ deadlines: Int64?...) { queue.sync { for deadline in deadlines { timer?.set(deadline) } } }
  }

  @Test("the earliest deadline counts, in whatever order they come, and fires once")
  func earliest() {
    let bench = Bench()
    let far = Clocks.monotonic() + 3_600_000_000_000
    let near = Clocks.monotonic() + 20_000_000
    bench.set(far, near, nil, far)
    #expect(bench.fired.wait(timeout: .now() + 20) == .success)
    #expect(Clocks.monotonic() >= near)
    bench.queue.sync {}
    #expect(bench.count.withLock { $0 } == 1)
  }

  @Test("once it has fired it takes a later deadline; one in the past fires at once")
  func again() {
    let bench = Bench()
    bench.set(0)
    #expect(bench.fired.wait(timeout: .now() + 20) == .success)
    bench.set(Clocks.monotonic() + 1_000_000)
    #expect(bench.fired.wait(timeout: .now() + 20) == .success)
    bench.set(-1)
    #expect(bench.fired.wait(timeout: .now() + 20) == .success)
  }
}
