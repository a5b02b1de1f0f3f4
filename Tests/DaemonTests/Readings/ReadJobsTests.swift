// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Daemon

@Suite("Jobs of reading")
struct ReadJobsTests {
  private typealias Jobs = ReadJobs<Int>
  private static let patience = Jobs.patience
  private static let limit = Jobs.limit

  private var jobs: ReadJobs<Int> = .init()

  @Test("one worker does one job after the other, urgent ones first")
  mutating func order() {
    #expect(jobs.start() == nil)
    for job in 1...3 { jobs.add(job, isUrgent: false, now: 0) }
    jobs.add(4, isUrgent: true, now: 0)
    jobs.add(3, isUrgent: true, now: 0)
    jobs.add(2, isUrgent: false, now: 0)
    #expect(jobs.start() == 0)
    #expect(jobs.start() == nil)
    for job in [3, 4, 1, 2] {
      #expect(jobs.next(of: 0, now: 1) == job)
      jobs.end(job, now: 2)
    }
    #expect(jobs.isIdle)
    #expect(jobs.next(of: 0, now: 3) == nil)
    jobs.add(5, isUrgent: false, now: 4)
    #expect(jobs.start() == 0)
  }

  @Test("what is asked for while it is being done is done again, once")
  mutating func again() {
    jobs.add(1, isUrgent: false, now: 0)
    _ = jobs.start()
    #expect(jobs.next(of: 0, now: 0) == 1)
    jobs.add(1, isUrgent: false, now: 1)
    jobs.add(1, isUrgent: true, now: 1)
    jobs.end(1, now: 2)
    #expect(jobs.next(of: 0, now: 3) == 1)
    jobs.end(1, now: 4)
    #expect(jobs.next(of: 0, now: 5) == nil)
    #expect(jobs.isIdle)
  }

  @Test("a worker whose job takes long is left alone with it, and the rest goes on")
  mutating func slow() {
    jobs.add(1, isUrgent: false, now: 0)
    jobs.add(2, isUrgent: false, now: 0)
    _ = jobs.start()
    #expect(jobs.next(of: 0, now: 5) == 1)
    #expect(jobs.due == Self.patience)
    #expect(jobs.judge(now: Self.patience) == [])
    #expect(jobs.start() == nil)
    #expect(jobs.due == 2 * Self.patience)
    #expect(jobs.judge(now: 2 * Self.patience) == [])
    #expect(jobs.start() == 1)
    #expect(!jobs.isIdle)
    #expect(jobs.next(of: 1, now: 2 * Self.patience) == 2)
    jobs.end(2, now: 2 * Self.patience)
    #expect(jobs.isIdle)
    jobs.end(1, now: 3 * Self.patience)
    #expect(jobs.next(of: 0, now: 3 * Self.patience) == nil)
    #expect(jobs.next(of: 1, now: 3 * Self.patience) == nil)
    #expect(jobs.isIdle)
  }

  @Test("a job that does not end hangs, is told once, and is not begun again")
  mutating func hung() {
    jobs.add(1, isUrgent: false, now: 0)
    _ = jobs.start()
    #expect(jobs.next(of: 0, now: 0) == 1)
    #expect(jobs.judge(now: Self.patience) == [])
    #expect(jobs.due == Self.limit)
    #expect(jobs.judge(now: Self.limit - 1) == [])
    #expect(jobs.judge(now: Self.limit) == [1])
    #expect(jobs.due == nil)
    #expect(jobs.judge(now: 5 * Self.limit) == [])
    jobs.add(1, isUrgent: false, now: 5 * Self.limit)
    #expect(jobs.start() == nil)
    // Its end is that of the first, and it is done once more.
    jobs.end(1, now: 9 * Self.limit)
    #expect(jobs.next(of: 0, now: 9 * Self.limit) == nil)
    #expect(jobs.start() == 1)
    #expect(jobs.next(of: 1, now: 9 * Self.limit) == 1)
  }

  @Test("a process that did not run accuses no job")
  mutating func stalled() {
    jobs.add(1, isUrgent: false, now: 0)
    _ = jobs.start()
    #expect(jobs.next(of: 0, now: 0) == 1)
    #expect(jobs.judge(now: Self.patience) == [])
    let late = 4 * Self.limit
    #expect(jobs.judge(now: late) == [])
    #expect(jobs.judge(now: late + Self.patience) == [])
    #expect(jobs.due == late + Self.limit)
    #expect(jobs.judge(now: late + Self.limit) == [1])
  }

  @Test("where all workers are left alone what waits hangs as well, until one of them ends")
  mutating func bounded() throws {
    var now: Int64 = 0
    for job in 0...Jobs.mostAlone + 1 { jobs.add(job, isUrgent: false, now: now) }
    var workers = 0
    var hung: [Int] = []
    // Until nothing changes any more.
    for _ in 0..<1000 {
      if let worker = jobs.start() {
        workers += 1
        _ = jobs.next(of: worker, now: now)
      }
      now = try #require(jobs.due)
      hung += jobs.judge(now: now)
    }
    #expect(workers == Jobs.mostAlone + 1)
    #expect(hung.sorted() == Array(0...Jobs.mostAlone + 1))
    jobs.end(3, now: now)
    now += Self.patience
    #expect(jobs.judge(now: now) == [])
    #expect(jobs.start() == Jobs.mostAlone + 1)
    #expect(jobs.next(of: Jobs.mostAlone + 1, now: now) == Jobs.mostAlone + 1)
  }

  @Test("whatever happens, no job is done twice at once or forgotten")
  mutating func random() {
    var random = SeededRandom(testSeed: 77)
    var now: Int64 = 0
    var running: [Int: Int] = [:]
    var workers: Set<Int> = []
    var wanted: Set<Int> = []
    for _ in 0..<20_000 {
      now += Int64(random.below(30_000_000))
      switch random.below(4) {
      case 0:
        let job = random.below(80)
        jobs.add(job, isUrgent: random.chance(0.5), now: now)
        wanted.insert(job)
      case 1:
        guard let worker = workers.randomElement(using: &random), running[worker] == nil else { break }
        guard let job = jobs.next(of: worker, now: now) else {
          workers.remove(worker)
          break
        }
        #expect(!running.values.contains(job))
        running[worker] = job
        wanted.remove(job)
      case 2:
        guard let worker = running.keys.sorted().randomElement(using: &random), random.chance(0.3) else {
          break
        }
        if let job = running.removeValue(forKey: worker) { jobs.end(job, now: now) }
      default:
        for job in jobs.judge(now: now) { #expect(running.values.contains(job) || wanted.contains(job)) }
      }
      if let worker = jobs.start() { #expect(workers.insert(worker).inserted || running[worker] == nil) }
      #expect(running.count <= Jobs.mostAlone + 1)
    }
    // All end, and all that was wanted is done.
    for (worker, job) in running {
      jobs.end(job, now: now)
      if let worker = jobs.start() { workers.insert(worker) }
      running[worker] = nil
    }
    while let worker = workers.first {
      if let job = jobs.next(of: worker, now: now) {
        wanted.remove(job)
        jobs.end(job, now: now)
      } else {
        workers.remove(worker)
      }
      if let worker = jobs.start() { workers.insert(worker) }
    }
    #expect(wanted == [])
    #expect(jobs.isIdle)
  }
}
