// SPDX-License-Identifier: Apache-2.0

import Dispatch

/// Runs an actor's jobs on one serial Dispatch queue, so that Dispatch sources on that queue may touch the
/// actor synchronously (`assumeIsolated`): the compiler checks the actor's state, and misuse traps.
///
/// Every task of the program prefers one of these (`Task(executorPreference:)`), and none runs in the global
/// pool. At its start and once a second libdispatch counts that pool's running threads if work waits there,
/// and crashes where it cannot read /proc (`_dispatch_workq_count_runnable_workers`, event/workqueue.c).
package final class QueueExecutor: SerialExecutor, TaskExecutor {
  package let queue: DispatchQueue

  // The same QoS class everywhere: each class has its own thread pool, and queues of two would wake threads
  // of both.
  package init(label: String) { queue = DispatchQueue(label: label, qos: .userInitiated) }

  package func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async {
      job.runSynchronously(
        isolatedTo: self.asUnownedSerialExecutor(), taskExecutor: self.asUnownedTaskExecutor())
    }
  }

  /// Resumes the caller later, by the queue: `Task.sleep` would start a timer of the global pool.
  package func pause(milliseconds: Int) async {
    await withCheckedContinuation { continuation in
      queue.asyncAfter(deadline: .now() + .milliseconds(milliseconds)) { continuation.resume() }
    }
  }

  package func checkIsolated() { dispatchPrecondition(condition: .onQueue(queue)) }
}
