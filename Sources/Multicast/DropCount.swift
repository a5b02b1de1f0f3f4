// SPDX-License-Identifier: Apache-2.0

/// Turns the kernel's drop count of one socket, which only grows and wraps at 2³², into what is new.
package struct DropCount: Equatable {
  /// The count up to which drops are accounted for.
  package var baseline: UInt32

  package init(baseline: UInt32) {
    self.baseline = baseline
  }

  /// - Returns: drops since the last call.
  package mutating func update(_ count: UInt32) -> UInt32 {
    defer { baseline = count }
    return count &- baseline
  }
}
