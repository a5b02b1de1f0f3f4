// SPDX-License-Identifier: Apache-2.0

/// Turns the kernel's drop count of one socket, which only grows and wraps at 2³², into what is new.
struct DropCount: Equatable {
  /// The count up to which drops are accounted for.
  var baseline: UInt32

  /// - Returns: drops since the last call.
  mutating func update(_ count: UInt32) -> UInt32 {
    defer { baseline = count }
    return count &- baseline
  }
}
