// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Platform
import Synchronization

/// Threads that read files, and that nobody waits for. `ReadJobs` decides what they do.
final class ReadingWorkers<Job: Hashable & Sendable, Output: Sendable>: Sendable {
  private struct State {
    var jobs = ReadJobs<Job>()
    var done: [(job: Job, output: Output)] = []
    /// `notify` was called since `take` was.
    var isTold = false
    var isStopped = false
  }

  private let state = Mutex(State())
  private let perform: @Sendable (Job) -> Output
  private let notify: @Sendable () -> Void

  /// - Parameters:
  ///   - perform: Does a job; may never return.
  ///   - notify: Called on any thread when jobs are done that have to be taken.
  init(_ perform: @escaping @Sendable (Job) -> Output, notify: @escaping @Sendable () -> Void) {
    self.perform = perform
    self.notify = notify
  }

  /// Has jobs done, in this order, and urgent ones before all others. One that is being done is done again.
  func add(_ jobs: [Job], isUrgent: Bool) {
    update { state, now in
      for job in isUrgent ? jobs.reversed() : jobs { state.jobs.add(job, isUrgent: isUrgent, now: now) }
    }
  }

  /// What was done since the last call.
  func take() -> [(job: Job, output: Output)] {
    state.withLock { state in
      defer { (state.done, state.isTold) = ([], false) }
      return state.done
    }
  }

  /// Leaves workers alone whose job takes long.
  ///
  /// - Returns: Jobs that hang from now on, each once.
  func judge() -> [Job] { update { state, now in state.jobs.judge(now: now) } }

  /// When to judge next, in nanoseconds of CLOCK_MONOTONIC; nil for never.
  var due: Int64? { state.withLock { $0.jobs.due } }

  /// Whether there is nothing to be done but what takes long, and nothing to be taken.
  var isIdle: Bool { state.withLock { $0.jobs.isIdle && $0.done.isEmpty } }

  /// Begins nothing any more, and waits for nothing.
  func stop() {
    update { state, _ in
      state.isStopped = true
      state.done = []
    }
  }

  private func update<Value>(_ change: (inout State, Int64) -> Value) -> Value {
    let (value, worker) = state.withLock { state in
      let value = change(&state, Clocks.monotonic())
      if state.isStopped { state.jobs.removeWaiting() }
      return (value, state.jobs.start())
    }
    // A queue of its own, for what is behind one that does not return would wait. Its thread is one of
    // Dispatch's, and goes when there is nothing to do.
    if let worker {
      DispatchQueue(label: "mcastd.readings.worker", qos: .userInitiated).async { self.run(worker) }
    }
    return value
  }

  private func run(_ worker: Int) {
    while let job = state.withLock({ $0.jobs.next(of: worker, now: Clocks.monotonic()) }) {
      let output = perform(job)
      let isNews = update { state, now in
        state.jobs.end(job, now: now)
        guard !state.isStopped else { return false }
        state.done.append((job, output))
        defer { state.isTold = true }
        return !state.isTold
      }
      if isNews { notify() }
    }
  }
}
