// SPDX-License-Identifier: Apache-2.0

import Platform
import Varlink

/// A reply that takes long to build: built seldom, and shared by all callers. It is built off the receive
/// loop, which only copies what is in it, a part at a time.
actor SharedListing {
  /// Of its own: to encode tens of thousands of peers takes long, and other calls do not wait for that.
  private nonisolated let executor: QueueExecutor
  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  /// A listing is good for so many times the time to build it, which bounds the cost to a tenth of a core.
  private static let share: Int64 = 10

  private let lifetime: Int64
  private let build: @Sendable (_ expected: Int) async -> VarlinkParameters
  private var latest: VarlinkParameters?
  private var isGoodUntil: Int64 = 0
  private var building: Task<VarlinkParameters, Never>?

  /// - Parameters:
  ///   - lifetime: For how long a listing is good at least, in nanoseconds.
  ///   - build: Gets how many bytes it may have: an eighth more than the one before.
  init(
    label: String, lifetime: Int64, build: @escaping @Sendable (_ expected: Int) async -> VarlinkParameters
  ) {
    (executor, self.lifetime, self.build) = (QueueExecutor(label: label), lifetime, build)
  }

  /// The reply.
  func reply() async -> VarlinkParameters {
    if let latest, Clocks.monotonic() < isGoodUntil { return latest }
    if let building { return await building.value }
    let build = build
    let before = latest?.json.count ?? 0
    let expected = before + before / 8
    // Frees its memory before the next is built.
    latest = nil
    let started = Clocks.monotonic()
    let task = Task.detached(executorPreference: executor) { await build(expected) }
    building = task
    let reply = await task.value
    let now = Clocks.monotonic()
    (latest, building) = (reply, nil)
    isGoodUntil = now + max(lifetime, Self.share * (now - started))
    return reply
  }
}
