// SPDX-License-Identifier: Apache-2.0

import Dispatch

/// Runs an actor's jobs on one serial Dispatch queue, so that Dispatch sources on that queue may touch the
/// actor synchronously (`assumeIsolated`): the compiler checks the actor's state, and misuse traps.
package final class QueueExecutor: SerialExecutor {
  package let queue: DispatchQueue

  // The same QoS class everywhere: each class has its own thread pool, and queues of two would wake threads
  // of both.
  package init(label: String) { queue = DispatchQueue(label: label, qos: .userInitiated) }

  package func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
  }

  package func checkIsolated() { dispatchPrecondition(condition: .onQueue(queue)) }
}
