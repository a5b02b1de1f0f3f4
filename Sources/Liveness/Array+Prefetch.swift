// SPDX-License-Identifier: Apache-2.0

import Platform

extension Array {
  /// Begins to fetch an element that is needed soon. A hint, which changes no result.
  @inline(__always)
  func prefetch(_ place: Int) {
    withUnsafeBufferPointer { elements in
      guard let first = elements.baseAddress else { return }
      CacheLine.prefetch(first + place, bytes: MemoryLayout<Element>.size)
    }
  }
}
