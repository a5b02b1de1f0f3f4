// SPDX-License-Identifier: Apache-2.0

import Dispatch

/// A Dispatch source that can be paused; it starts paused. Dispatch counts suspensions, and traps when a
/// suspended source is released.
package final class PausableSource {
  private let source: any DispatchSourceProtocol
  package private(set) var isRunning = false
  private var isCancelled = false

  /// - Parameters:
  ///   - source: not activated yet.
  ///   - owner: of the descriptor, kept until the source is cancelled.
  ///   - handler: called on the source's queue, as all methods here must be.
  package init(
    _ source: any DispatchSourceProtocol, keeping owner: AnyObject, _ handler: @escaping () -> Void
  ) {
    self.source = source
    source.setEventHandler(handler: handler)
    source.setCancelHandler { withExtendedLifetime(owner) {} }
    source.suspend()
    source.activate()
  }

  deinit { cancel() }

  package func setRunning(_ on: Bool) {
    guard on != isRunning, !isCancelled else { return }
    isRunning = on
    if on { source.resume() } else { source.suspend() }
  }

  package func cancel() {
    guard !isCancelled else { return }
    isCancelled = true
    source.cancel()
    if !isRunning { source.resume() }
  }
}
