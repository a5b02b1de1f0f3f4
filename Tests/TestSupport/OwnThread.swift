// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Threads for calls that block, or that concern one thread only: neither Swift's task threads nor Dispatch's
/// few workers on a small machine may be held up by a child that lives for seconds.
package enum OwnThread {
  /// Runs `body` on a new thread, and returns at once.
  package static func run(_ body: @escaping @Sendable () -> Void) { pthread_detach(start(body)) }

  /// Runs `body` on a new thread, and returns when that has ended.
  package static func join(_ body: @escaping @Sendable () -> Void) { pthread_join(start(body), nil) }

  /// Runs `body` on a new thread, and returns what that returns. Nothing is to be expected in it: it is in no
  /// test's task.
  package static func value<Value: Sendable>(
    _ body: @escaping @Sendable () throws -> Value
  ) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      run { continuation.resume(with: Result { try body() }) }
    }
  }

  private final class Box: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  private static func start(_ body: @escaping @Sendable () -> Void) -> pthread_t {
    var thread = pthread_t()
    let box = Unmanaged.passRetained(Box(body)).toOpaque()
    let result = pthread_create(
      &thread, nil,
      { box in
        if let box { Unmanaged<Box>.fromOpaque(box).takeRetainedValue().body() }
        return nil
      }, box)
    precondition(result == 0, "pthread_create: \(result)")
    return thread
  }
}
