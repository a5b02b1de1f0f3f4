// SPDX-License-Identifier: Apache-2.0

@testable import Journal

extension LogPolicy {
  /// Room for everything, and no budget.
  static let everything = LogPolicy(
    rate: 0, burst: 0, queue: 8 << 20, leavesOutAll: false, leavesOutOwn: false, leavesOutOthers: false)
}
