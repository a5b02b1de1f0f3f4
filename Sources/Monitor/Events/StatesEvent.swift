// SPDX-License-Identifier: Apache-2.0

/// Whether the targets of states are started and stopped.
package enum StatesEvent: Equatable, Sendable {
  /// systemd refuses it, or cannot be reached. It is tried again, and what is refused for the same reason
  /// meanwhile is not told.
  ///
  /// - Parameters:
  ///   - unit: The target.
  ///   - isStart: Whether it was to be started.
  ///   - why: Sentences: what is wrong, and what to do about it.
  ///   - isCommon: Whether this holds for the targets of all states.
  case refused(state: String, unit: String, isStart: Bool, why: String, isCommon: Bool)
  /// systemd takes what was refused before.
  ///
  /// - Parameter isCommon: As it was of the refusal.
  case accepted(state: String, unit: String, isStart: Bool, isCommon: Bool)
}
