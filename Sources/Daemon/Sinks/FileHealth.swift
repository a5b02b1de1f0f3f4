// SPDX-License-Identifier: Apache-2.0

import Platform

/// Reports once that files cannot be written, and once that they can again.
struct FileHealth: Sendable {
  enum Change: Equatable, Sendable {
    case failing(FileFailure)
    case recovered
  }

  private var isFailing = false

  init() {}

  /// - Parameter failure: of the last attempt; nil for success.
  mutating func note(_ failure: FileFailure?) -> Change? {
    guard isFailing != (failure != nil) else { return nil }
    isFailing = failure != nil
    return failure.map { .failing($0) } ?? .recovered
  }
}
