// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Runs `body` on a thread of its own, for calls that block: neither Swift's task threads nor Dispatch's
/// few workers on a small machine may be held up by a child that lives for seconds.
func onOwnThread(_ body: @escaping @Sendable () -> Void) {
  final class Box: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
  var thread = pthread_t()
  let box = Unmanaged.passRetained(Box(body)).toOpaque()
  let result = pthread_create(
    &thread, nil,
    { box in
      guard let box else { return nil }
      Unmanaged<Box>.fromOpaque(box).takeRetainedValue().body()
      return nil
    }, box)
  precondition(result == 0, "pthread_create: \(result)")
  pthread_detach(thread)
}
