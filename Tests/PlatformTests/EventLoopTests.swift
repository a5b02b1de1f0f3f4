// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import Platform

struct EventLoopTests {
  /// Counts on an event loop.
  private actor Tally {
    nonisolated let loop: EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }
    private(set) var count = 0

    init(on loop: EventLoop) { self.loop = loop }

    @discardableResult
    func add() -> Int {
      loop.checkIsolated()
      count += 1
      return count
    }
  }

  /// Keeps what a test makes on the loop.
  private final class Box<Value>: @unchecked Sendable {
    var value: Value?
  }

  private struct Pipe: ~Copyable {
    let reader: OwnedDescriptor
    let writer: OwnedDescriptor

    init() {
      var ends: [Int32] = [0, 0]
      precondition(pipe(&ends) == 0)
      reader = OwnedDescriptor(owning: ends[0])
      writer = OwnedDescriptor(owning: ends[1])
    }

    func put(_ count: Int) {
      for _ in 0..<count { _ = write(writer.number, "x", 1) }
    }
  }

  /// A byte, as a handler reads it.
  private static func takeByte(_ descriptor: Int32) {
    var byte: UInt8 = 0
    _ = read(descriptor, &byte, 1)
  }

  @Test("jobs of its actors run on its thread, from whichever thread they come, also before it runs")
  func jobs() async throws {
    let loop = try EventLoop()
    let tally = Tally(on: loop)
    async let early = tally.add()
    OwnThread.run { _ = loop.run() }
    _ = await early
    await withTaskGroup { group in
      for _ in 0..<100 { group.addTask { await tally.add() } }
    }
    #expect(await tally.count == 101)
    loop.end(0)
  }

  @Test("run returns what the first end was given, also where that came before")
  func ends() throws {
    let loop = try EventLoop()
    loop.end(3)
    loop.end(4)
    #expect(loop.run() == 3)
  }

  @Test("a timer runs when it is due and not before, and one that is set from its handler runs again")
  func timer() throws {
    let running = try RunningLoop()
    let fired = DispatchSemaphore(value: 0)
    let times = Mutex<[Int64]>([])
    let box = Box<LoopTimer>()
    box.value = LoopTimer(on: running.loop) {
      let now = Clocks.monotonic()
      let count = times.withLock { times in
        times.append(now)
        return times.count
      }
      if count < 3 { box.value?.set(now + 2_000_000) }
      fired.signal()
    }
    let start = Clocks.monotonic()
    box.value?.set(start + 5_000_000)
    for _ in 0..<3 { #expect(fired.wait(timeout: .now() + 20) == .success) }
    let seen = times.withLock { $0 }
    #expect(seen[0] >= start + 5_000_000)
    for (before, after) in zip(seen, seen.dropFirst()) { #expect(after - before >= 2_000_000) }
    // A time in the past, and the same one again.
    for _ in 0..<2 {
      box.value?.set(1)
      #expect(fired.wait(timeout: .now() + 20) == .success)
    }
  }

  @Test("a timer that is let go of does not run; handlers may touch the loop's actors")
  func timerEnds() async throws {
    let running = try RunningLoop()
    let tally = Tally(on: running.loop)
    let fired = DispatchSemaphore(value: 0)
    let ended = Box<LoopTimer>()
    ended.value = LoopTimer(on: running.loop) { tally.assumeIsolated { _ = $0.add() } }
    let due = Clocks.monotonic() + 20_000_000
    ended.value?.set(due)
    let last = LoopTimer(on: running.loop, every: 30_000_000, leeway: 0) {
      tally.assumeIsolated { _ = $0.add() }
      fired.signal()
    }
    ended.value = nil
    for _ in 0..<2 { #expect(fired.wait(timeout: .now() + 20) == .success) }
    #expect(await tally.count == 2)
    withExtendedLifetime(last) {}
  }

  @Test("a source calls its handler as long as there is something to read, and not while it is paused")
  func source() throws {
    let running = try RunningLoop()
    let pipe = Pipe()
    let read = DispatchSemaphore(value: 0)
    let count = Mutex(0)
    let descriptor = pipe.reader.number
    let source = LoopSource(on: running.loop, descriptor: descriptor, keeping: running) {
      Self.takeByte(descriptor)
      count.withLock { $0 += 1 }
      read.signal()
    }
    pipe.put(3)
    try settle(running)
    #expect(count.withLock { $0 } == 0)
    source.setRunning(true)
    for _ in 0..<3 { #expect(read.wait(timeout: .now() + 20) == .success) }
    source.setRunning(false)
    pipe.put(1)
    try settle(running)
    #expect(count.withLock { $0 } == 3)
    source.setRunning(true)
    #expect(read.wait(timeout: .now() + 20) == .success)
  }

  @Test("a source that is let go of is silent, although a duplicate of its descriptor is open elsewhere")
  func sourceEnds() throws {
    let running = try RunningLoop()
    let count = Mutex(0)
    let pipe = Pipe()
    let duplicate = OwnedDescriptor(owning: dup(pipe.reader.number))
    let box = Box<LoopSource>()
    box.value = LoopSource(on: running.loop, descriptor: pipe.reader.number, keeping: running) {
      count.withLock { $0 += 1 }
    }
    box.value?.setRunning(true)
    box.value = nil
    pipe.put(1)
    try settle(running)
    #expect(count.withLock { $0 } == 0)
    withExtendedLifetime(duplicate) {}
  }

  /// Waits until the loop has looked at all that is ready now: descriptors come after timers in a turn, so
  /// that with the second timer the first one's turn is complete.
  private func settle(_ running: borrowing RunningLoop) throws {
    let turned = DispatchSemaphore(value: 0)
    let timer = LoopTimer(on: running.loop) { turned.signal() }
    for _ in 0..<2 {
      timer.set(1)
      #expect(turned.wait(timeout: .now() + 20) == .success)
    }
  }

  @Test("while a descriptor always has something, timers run and jobs too")
  func busy() async throws {
    let running = try RunningLoop()
    let tally = Tally(on: running.loop)
    let pipe = Pipe()
    pipe.put(1)
    let source = LoopSource(on: running.loop, descriptor: pipe.reader.number, keeping: running) {}
    source.setRunning(true)
    let fired = DispatchSemaphore(value: 0)
    let timer = LoopTimer(on: running.loop) { fired.signal() }
    timer.set(Clocks.monotonic() + 1_000_000)
    #expect(fired.wait(timeout: .now() + 20) == .success)
    #expect(await tally.add() == 1)
    source.setRunning(false)
  }
}
