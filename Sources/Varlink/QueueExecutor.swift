// SPDX-License-Identifier: Apache-2.0

import Dispatch

/// Runs an actor's jobs on one serial Dispatch queue, so that Dispatch sources on that queue may touch the actor
/// synchronously (`assumeIsolated`).
final class QueueExecutor: SerialExecutor {
  let queue: DispatchQueue

  init(label: String) { queue = DispatchQueue(label: label) }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
  }

  func checkIsolated() { dispatchPrecondition(condition: .onQueue(queue)) }
}
