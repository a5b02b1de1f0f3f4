// SPDX-License-Identifier: Apache-2.0

/// A descriptor that an `EventLoop` watches for something to read, until it is let go of. It starts paused.
package final class LoopSource {
  private let loop: EventLoop
  private let token: UInt64
  private let descriptor: Int32
  /// Whoever closes the descriptor, which has to be unwatched before.
  private let owner: AnyObject
  package private(set) var isRunning = false

  /// - Parameters:
  ///   - owner: Of the descriptor, kept as long as this.
  ///   - handler: Called on the loop as long as there is something to read.
  package init(
    on loop: EventLoop, descriptor: Int32, keeping owner: AnyObject,
    _ handler: @escaping @Sendable () -> Void
  ) {
    self.loop = loop
    self.descriptor = descriptor
    self.owner = owner
    token = loop.addHandler(handler)
  }

  deinit {
    setRunning(false)
    loop.removeHandler(token)
  }

  package func setRunning(_ on: Bool) {
    guard on != isRunning else { return }
    isRunning = on
    if on { loop.watch(descriptor, token: token) } else { loop.unwatch(descriptor) }
  }
}
