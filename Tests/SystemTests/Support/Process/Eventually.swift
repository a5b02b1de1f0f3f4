// SPDX-License-Identifier: Apache-2.0

/// Something outside this process did not come about in time.
struct NeverHappened: Error, CustomStringConvertible {
  let description: String
}

/// Polls, every 20 ms, state outside this process of which nobody tells us: entries in a journal, a unit's
/// state. What can be awaited as an event (a line of output, an exit) is awaited, not polled.
///
/// - Parameter what: what is awaited; read when it did not come, so that it may say what came instead.
/// - Throws: ``NeverHappened`` when `limit` has passed; what `probe` throws.
/// - Returns: the first value that `probe` finds.
@discardableResult
func eventually<T>(
  _ what: @autoclosure () -> String,
  within limit: Duration = .seconds(10),
  _ probe: () async throws -> T?
) async throws -> T {
  let clock = ContinuousClock()
  let deadline = clock.now + limit
  while true {
    if let found = try await probe() { return found }
    guard clock.now < deadline else {
      throw NeverHappened(description: "not within \(limit): \(what())")
    }
    try await Task.sleep(for: .milliseconds(20))
  }
}
