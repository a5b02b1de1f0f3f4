// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Synchronization

/// A value that one side changes and tasks wait on, without polling.
final class Observed<Value: Sendable>: Sendable {
  private struct Waiter: Sendable {
    let isSatisfied: @Sendable (Value) -> Bool
    let continuation: CheckedContinuation<Value?, Never>
  }

  private struct Contents: Sendable {
    var value: Value
    var waiters: [UInt64: Waiter] = [:]
    var nextWaiter: UInt64 = 0
  }

  private let contents: Mutex<Contents>

  init(_ value: Value) {
    contents = Mutex(Contents(value: value))
  }

  var value: Value { contents.withLock { $0.value } }

  func update(_ change: @Sendable (inout Value) -> Void) {
    let (value, satisfied) = contents.withLock { contents in
      change(&contents.value)
      let satisfied = contents.waiters.filter { $0.value.isSatisfied(contents.value) }
      for key in satisfied.keys { contents.waiters[key] = nil }
      return (contents.value, satisfied.values.map(\.continuation))
    }
    for continuation in satisfied { continuation.resume(returning: value) }
  }

  /// - Returns: the value as soon as `isSatisfied` holds, or nil when `limit` has passed without it.
  func wait(within limit: Duration, until isSatisfied: @escaping @Sendable (Value) -> Bool) async -> Value? {
    await withCheckedContinuation { continuation in
      let key: UInt64? = contents.withLock { contents in
        if isSatisfied(contents.value) { return nil }
        defer { contents.nextWaiter += 1 }
        contents.waiters[contents.nextWaiter] = Waiter(isSatisfied: isSatisfied, continuation: continuation)
        return contents.nextWaiter
      }
      guard let key else { return continuation.resume(returning: value) }
      DispatchQueue.global().asyncAfter(deadline: .now() + limit.seconds) { [self] in
        let waiter = contents.withLock { $0.waiters.removeValue(forKey: key) }
        waiter?.continuation.resume(returning: nil)
      }
    }
  }
}

extension Duration {
  var seconds: Double {
    Double(components.seconds) + Double(components.attoseconds) / 1e18
  }
}
