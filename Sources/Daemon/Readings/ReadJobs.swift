// SPDX-License-Identifier: Apache-2.0

/// What is to be read, and by whom. A worker does one job after the other; one whose job takes long is left
/// alone with it, and another goes on with the rest: a slow sensor holds up nothing else, and a job without
/// end costs a thread.
struct ReadJobs<Job: Hashable & Sendable>: Sendable {
  /// Nanoseconds after which a worker is left alone: more than sensors on I2C take, and a time for which the
  /// others may wait.
  static var patience: Int64 { 20_000_000 }
  /// Nanoseconds after which a job hangs: more than the slowest sensors take (a DS18B20 on 1-wire 750 ms).
  static var limit: Int64 { 1_000_000_000 }
  /// Workers that may be left alone: one for each reading. Beyond, jobs wait.
  static var mostAlone: Int { 64 }

  private struct State {
    /// When it was asked for, and then when it was begun, in nanoseconds of CLOCK_MONOTONIC.
    var since: Int64
    var isRunning = false
    var isAlone = false
    /// Its worker ends, or all have to wait for it.
    var isHung = false
    /// It was asked for again since it began, and what it reads may be of before.
    var isWantedAgain = false
  }

  private var states: [Job: State] = [:]
  /// Jobs that wait, the next one first.
  private var waiting: [Job] = []
  private var aloneCount = 0
  /// The worker that takes jobs; those before it have been left alone.
  private var worker = 0
  private var hasWorker = false
  /// When to judge next, in nanoseconds of CLOCK_MONOTONIC; nil for never.
  private(set) var due: Int64?

  /// Whether there is nothing to be done but by workers that were left alone.
  var isIdle: Bool { states.count == aloneCount }

  /// - Parameters:
  ///   - isUrgent: Whether it goes before those that wait.
  ///   - now: Nanoseconds of CLOCK_MONOTONIC.
  mutating func add(_ job: Job, isUrgent: Bool, now: Int64) {
    guard let state = states[job] else {
      states[job] = State(since: now)
      waiting.insert(job, at: isUrgent ? 0 : waiting.count)
      due = min(due ?? .max, now + Self.patience)
      return
    }
    if state.isRunning {
      states[job]?.isWantedAgain = true
    } else if isUrgent, let place = waiting.firstIndex(of: job) {
      waiting.remove(at: place)
      waiting.insert(job, at: 0)
    }
  }

  /// Forgets what waits.
  mutating func removeWaiting() {
    for job in waiting { states[job] = nil }
    waiting = []
  }

  /// - Returns: The number of a worker that has to be started, if one has.
  mutating func start() -> Int? {
    guard !hasWorker, !waiting.isEmpty else { return nil }
    hasWorker = true
    return worker
  }

  /// - Returns: What a worker is to do; nil where it is not needed any more.
  mutating func next(of number: Int, now: Int64) -> Job? {
    guard number == worker else { return nil }
    guard !waiting.isEmpty else {
      hasWorker = false
      return nil
    }
    let job = waiting.removeFirst()
    states[job]?.since = now
    states[job]?.isRunning = true
    return job
  }

  /// A job is done.
  mutating func end(_ job: Job, now: Int64) {
    guard let state = states.removeValue(forKey: job) else { return }
    if state.isAlone { aloneCount -= 1 }
    if state.isWantedAgain { add(job, isUrgent: true, now: now) }
  }

  private func canBeLeft(_ state: State) -> Bool {
    state.isRunning && !state.isAlone && aloneCount < Self.mostAlone
  }

  /// Leaves workers alone whose job takes long.
  ///
  /// - Returns: Jobs that hang from now on, each once. One that waits does too, where no worker may be left
  ///   alone any more.
  mutating func judge(now: Int64) -> [Job] {
    guard let before = due, now >= before else { return [] }
    due = now + Self.patience
    guard now - before < Self.limit / 2 else {
      // It was us who did not run, or the machine: the jobs have not had their time.
      for job in states.keys { states[job]?.since = now }
      return []
    }
    var hung: [Job] = []
    for (job, state) in states {
      if canBeLeft(state), now - state.since >= Self.patience {
        states[job]?.isAlone = true
        aloneCount += 1
        worker += 1
        hasWorker = false
      }
      if !state.isHung, now - state.since >= Self.limit {
        states[job]?.isHung = true
        hung.append(job)
      }
    }
    if isIdle { due = states.values.lazy.filter { !$0.isHung }.map { $0.since + Self.limit }.min() }
    return hung
  }
}
