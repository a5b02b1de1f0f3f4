// SPDX-License-Identifier: Apache-2.0

import Testing

/// Boots one container with mcastd installed for all tests of a suite, which find it as
/// ``Container/current``.
struct RunsInContainer: SuiteTrait, TestScoping {
  func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    try await Container.sharing(function)
  }
}

extension Trait where Self == RunsInContainer {
  static var container: Self { Self() }
}
