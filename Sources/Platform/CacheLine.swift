// SPDX-License-Identifier: Apache-2.0

import CLinux

/// The unit in which a processor fetches memory.
package enum CacheLine {
  /// In bytes, on x86-64 and nearly all of arm64.
  private static let size = 64

  /// Begins to fetch memory that is needed soon, so that the waits for several places overlap. A hint, which
  /// changes no result.
  ///
  /// - Parameter bytes: Length of what is needed.
  package static func prefetch(_ start: UnsafeRawPointer, bytes: Int) {
    let end = start + bytes
    var line = start
    while line < end {
      clinux_prefetch(line)
      line = (line + 1).alignedUp(toMultipleOf: size)
    }
  }
}
