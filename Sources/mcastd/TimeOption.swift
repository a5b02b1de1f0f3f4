// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Platform

extension Duration {
  /// The value of an option that is a time: `500ms`, `10s`, `2min`; also 0.
  ///
  /// - Throws: `ValidationError` where it is none, or has no unit.
  static func time(_ text: String) throws -> Duration {
    guard let nanoseconds = Quantity.nanoseconds(text) else {
      throw ValidationError("must be a time with its unit, such as 500ms, 10s or 2min")
    }
    return .nanoseconds(nanoseconds)
  }
}
