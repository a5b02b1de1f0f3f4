// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization

/// One thread that waits for descriptors and timers, and runs the jobs of the actors that are on it.
///
/// A Dispatch source wakes two threads for an event, and one of them again to be armed. Here a heartbeat is
/// sent, received and logged in one wake-up, and a timer is as punctual as timerfd. In a turn come timers,
/// then jobs, then descriptors: each waits for one handler of every other at most.
///
/// Timers are `LoopTimer`, descriptors `LoopSource`; their handlers run on the loop, and may touch its actors
/// (`assumeIsolated`).
package final class EventLoop: SerialExecutor {
  private struct State {
    var timers = TimerTable()
    var handlers: [UInt64: LoopHandler] = [:]
    var jobs: [UnownedJob] = []
    /// The last token that was given; none is given twice.
    var token = EventPoll.ownToken
    /// Whether the thread sleeps, or is about to, so that it has to be woken.
    var isAsleep = false
    var result: Int32?
  }

  private let poll: EventPoll
  private let state = Mutex(State())
  /// The thread in `run`; 0 before.
  private let thread = Atomic<pthread_t>(0)

  /// - Throws: `EventLoopError`, where no descriptor is left.
  package init() throws(EventLoopError) { poll = try EventPoll() }

  // MARK: The thread

  /// Runs the loop on this thread until `end`.
  ///
  /// - Returns: what `end` was given.
  package func run() -> Int32 {
    thread.store(pthread_self(), ordering: .relaxed)
    var armed = Int64.max
    var ready: [UInt64] = []
    while true {
      let (result, wakeTime, sleeps) = state.withLock { state in
        state.isAsleep = state.jobs.isEmpty && state.result == nil
        return (state.result, state.timers.wakeTime, state.isAsleep)
      }
      if let result { return result }
      if wakeTime != armed {
        poll.arm(at: wakeTime)
        armed = wakeTime
      }
      ready.removeAll(keepingCapacity: true)
      poll.wait(sleeps: sleeps) { ready.append($0) }
      let now = Clocks.monotonic()
      // It has gone off: the same time has to be set again.
      if armed <= now { armed = .max }
      while let handler = takeDue(at: now) { handler.run() }
      runJobs()
      // Looked up one by one: a handler may have ended another's source.
      for token in ready { state.withLock { $0.handlers[token] }?.run() }
    }
  }

  private func takeDue(at now: Int64) -> LoopHandler? {
    state.withLock { state in
      state.isAsleep = false
      return state.timers.takeDue(at: now)
    }
  }

  /// Those that they bring about wait for the next turn.
  private func runJobs() {
    let jobs = state.withLock { state in
      defer { state.jobs = [] }
      return state.jobs
    }
    for job in jobs { job.runSynchronously(on: asUnownedSerialExecutor()) }
  }

  /// Ends `run`. The first call decides on the result. Any thread.
  package func end(_ result: Int32) { change { $0.result = $0.result ?? result } }

  /// When a timer has to run, in nanoseconds of CLOCK_MONOTONIC; `Int64.max` for never. A handler that works
  /// for longer looks at it.
  package var nextDue: Int64 { state.withLock { $0.timers.wakeTime } }

  // MARK: Jobs of actors

  package func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    change { $0.jobs.append(job) }
  }

  package func checkIsolated() {
    precondition(thread.load(ordering: .relaxed) == pthread_self(), "not on the event loop")
  }

  // MARK: Timers and descriptors

  func addTimer(
    leeway: Int64, period: Int64? = nil, due: Int64? = nil, _ handler: @escaping @Sendable () -> Void
  ) -> UInt64 {
    change { state in
      state.token += 1
      state.timers.add(
        token: state.token, leeway: leeway, period: period, due: due, LoopHandler(run: handler))
      return state.token
    }
  }

  func changeTimers(_ body: (inout TimerTable) -> Void) { change { body(&$0.timers) } }

  func addHandler(_ handler: @escaping @Sendable () -> Void) -> UInt64 {
    state.withLock { state in
      state.token += 1
      state.handlers[state.token] = LoopHandler(run: handler)
      return state.token
    }
  }

  func removeHandler(_ token: UInt64) { state.withLock { $0.handlers[token] = nil } }

  /// Nothing would be received, and a restart is the better answer, where epoll_ctl(2) has no memory or
  /// fs.epoll.max_user_watches is reached.
  func watch(_ descriptor: Int32, token: UInt64) {
    let failure = poll.watch(descriptor, token: token)
    guard failure == 0 else { fatalError("epoll_ctl: \(errnoText(failure))") }
  }

  func unwatch(_ descriptor: Int32) { poll.unwatch(descriptor) }

  /// Changes the state, and wakes the thread where it sleeps by the old one.
  private func change<Result: Sendable>(_ body: (inout State) -> Result) -> Result {
    let (result, wakes) = state.withLock { state in
      defer { state.isAsleep = false }
      return (body(&state), state.isAsleep)
    }
    if wakes { poll.wake() }
    return result
  }
}
