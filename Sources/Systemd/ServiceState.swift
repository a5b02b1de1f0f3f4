// SPDX-License-Identifier: Apache-2.0

/// What the service manager is told of this process: readiness, STATUS= and the watchdog. Best effort.
package struct ServiceState {
  private let notifier: ServiceNotifier
  private let failed: @Sendable (SystemdError) -> Void
  package private(set) var isReady = false
  package private(set) var isStopping = false
  private var shown = ""

  /// - Parameter failed: Called with each notification that failed; nothing else comes of it.
  package init(_ notifier: ServiceNotifier, failed: @escaping @Sendable (SystemdError) -> Void) {
    self.notifier = notifier
    self.failed = failed
  }

  /// READY=1, at the start and after each reload, unless a stop came in between.
  package mutating func ready(_ status: String) {
    guard !isStopping else { return }
    isReady = true
    shown = status
    attempt { () throws(SystemdError) in try notifier.ready(status: status) }
  }

  /// STATUS=, if the line has changed.
  package mutating func show(_ status: String) {
    guard isReady, !isStopping, status != shown else { return }
    shown = status
    attempt { () throws(SystemdError) in try notifier.status(status) }
  }

  package func reloading() {
    attempt { () throws(SystemdError) in try notifier.reloading(status: "reloading the configuration") }
  }

  package mutating func stopping() {
    isStopping = true
    attempt { () throws(SystemdError) in try notifier.stopping(status: "stopping") }
  }

  /// The stop is not to be cut short within this time from now.
  package func extendStop(to time: Duration) {
    attempt { () throws(SystemdError) in try notifier.extendTimeout(to: time) }
  }

  /// WATCHDOG=1.
  package func isAlive() { attempt { () throws(SystemdError) in try notifier.watchdog() } }

  private func attempt(_ notification: () throws(SystemdError) -> Void) {
    do throws(SystemdError) { try notification() } catch { failed(error) }
  }
}
