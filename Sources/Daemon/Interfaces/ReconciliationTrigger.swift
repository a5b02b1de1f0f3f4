// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Multicast
import Platform

/// Asks for reconciliations: when the kernel reports a change of interfaces, when a retry is due, and when
/// told to. A burst of requests leads to one.
///
/// Confined to one queue.
final class ReconciliationTrigger {
  private let reconcile: () -> Void
  private var monitor: InterfaceMonitor?
  private var retry: DeadlineTimer?
  private var isPending = false

  /// - Parameter reconcile: Starts a reconciliation, which calls `begin` before it reads the interfaces.
  init(_ reconcile: @escaping () -> Void) { self.reconcile = reconcile }

  /// Subscribes to changes. They are delivered from `activate` on; none in between is missed.
  ///
  /// - Parameter request: Calls `request`, on the queue.
  func subscribe(on queue: DispatchQueue, _ request: @escaping @Sendable () -> Void) throws(MulticastError) {
    monitor = try InterfaceMonitor(queue: queue, onChange: request)
    retry = DeadlineTimer(queue: queue, request)
  }

  func activate() { monitor?.activate() }

  func cancel() {
    monitor?.cancel()
    retry = nil
  }

  func request() {
    guard !isPending else { return }
    isPending = true
    reconcile()
  }

  /// A reconciliation begins: requests from here on need another.
  func begin() { isPending = false }

  /// - Parameter due: nanoseconds of CLOCK_MONOTONIC; nil for never.
  func retry(at due: Int64?) { retry?.set(due) }
}
