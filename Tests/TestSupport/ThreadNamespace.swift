// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A network namespace of one thread, and of what that spawns. It is gone with them.
package enum ThreadNamespace {
  /// Whether tests that need one can run; with MCASTD_REQUIRE_SYSTEM_TESTS=1 they run in any case, and fail
  /// where they cannot.
  package static let isAvailable =
    geteuid() == 0 || getenv("MCASTD_REQUIRE_SYSTEM_TESTS").map { String(cString: $0) } == "1"

  /// Puts the calling thread into a new one: unshare(2), CLONE_NEWNET.
  package static func enter() throws(TestFailure) {
    guard unshareContext(0x4000_0000) == 0 else { throw TestFailure(call: "unshare(2)", errno: errno) }
  }
}

/// unshare(2) is behind _GNU_SOURCE and not in the Glibc module.
@_silgen_name("unshare") private func unshareContext(_ flags: Int32) -> Int32
