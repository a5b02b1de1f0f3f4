// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import Heartbeat
@testable import Liveness
@testable import Monitor
@testable import Platform

/// The promise of `Monitor.handle` for a datagram. `Benchmarks/compare --only allocations` measures the same
/// of the whole daemon.
struct AllocationTests {
  @Test("a datagram of a known source costs no allocation", .enabled(if: AllocationCounter.isAvailable))
  func datagrams() throws {
    let group = Endpoint(IPAddress(family: .ipv4, high: 0, low: 0xef01_0101), port: 5001)
    var monitor = Monitor.joined(.listening(to: group))
    let hosts = (1...20 as ClosedRange<UInt64>).map { IPAddress.host($0) }
    for time in 1...20 as ClosedRange<Int64> {
      for host in hosts { monitor.hear(host, at: time...time) }
      _ = monitor.judge(at: time)
    }
    for time in 21...40 as ClosedRange<Int64> {
      let now = time * second
      var beats = hosts.map { Monitor.Datagram.beat(from: $0, at: now) }
      beats.append(.beat(from: .host(99), at: now, origin: .otherInterface))
      beats.append(beats[0])
      beats[beats.count - 1].stamp = nil
      let allocations = try AllocationCounter.count {
        _ = monitor.handle(.reading(realtime: now), at: now)
        for beat in beats { _ = monitor.handle(.datagram(beat), at: now) }
        _ = monitor.handle(.read(.init(count: beats.count, isLast: true, stamp: now)), at: now)
      }
      #expect(allocations == 0)
      _ = monitor.judge(at: time)
    }
    #expect(monitor.liveness.counts == PeerCounts(alive: 20))
  }

  @Test("what allocates is counted", .enabled(if: AllocationCounter.isAvailable))
  func counted() throws {
    var arrays: [[Int]] = []
    arrays.reserveCapacity(3)
    #expect(try AllocationCounter.count { for size in 1...3 { arrays.append(Array(0..<size)) } } >= 3)
  }
}

/// Counts objects of the heap by the hook that the Swift runtime has for Instruments.
private enum AllocationCounter {
  private typealias Allocate = @convention(c) (UnsafeRawPointer?, Int, Int) -> UnsafeMutableRawPointer?

  nonisolated(unsafe) private static var original: Allocate = { _, _, _ in nil }
  nonisolated(unsafe) private static var thread: pthread_t = 0
  nonisolated(unsafe) private static var objects = 0

  private static var hook: UnsafeMutablePointer<Allocate>? {
    dlsym(nil, "_swift_allocObject")?.assumingMemoryBound(to: Allocate.self)
  }

  /// Since Swift 6 the runtime looks at the hook only where this is set.
  private static var isHooked: UnsafeMutablePointer<Bool>? {
    dlsym(nil, "_swift_enableSwizzlingOfAllocationAndRefCountingFunctions_forInstrumentsOnly")?
      .assumingMemoryBound(to: Bool.self)
  }

  static var isAvailable: Bool { hook != nil }

  /// Allocations of this thread.
  static func count(_ body: () -> Void) throws -> Int {
    let (hook, isHooked) = (try #require(hook), isHooked)
    (original, thread, objects) = (hook.pointee, pthread_self(), 0)
    hook.pointee = { metadata, size, alignment in
      if pthread_self() == AllocationCounter.thread { AllocationCounter.objects += 1 }
      return AllocationCounter.original(metadata, size, alignment)
    }
    isHooked?.pointee = true
    defer {
      isHooked?.pointee = false
      hook.pointee = original
    }
    body()
    return objects
  }
}
