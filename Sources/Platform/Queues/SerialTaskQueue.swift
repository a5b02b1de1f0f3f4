// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Runs asynchronous jobs one at a time, in the order of submission.
///
/// An actor does not: while one of its functions awaits, another may start and see a half-made change.
package final class SerialTaskQueue: Sendable {
  private let executor: QueueExecutor
  private let last = Mutex<Task<Void, Never>?>(nil)

  /// - Parameter executor: of the jobs, where they are not those of an actor.
  package init(on executor: QueueExecutor) { self.executor = executor }

  /// Waits for earlier jobs, then runs this one.
  package func run<Value: Sendable>(_ job: @escaping @Sendable () async -> Value) async -> Value {
    let task = last.withLock { last in
      let before = last
      let task = Task(executorPreference: executor) {
        await before?.value
        return await job()
      }
      last = Task(executorPreference: executor) { _ = await task.value }
      return task
    }
    return await task.value
  }
}
