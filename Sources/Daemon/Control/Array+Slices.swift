// SPDX-License-Identifier: Apache-2.0

extension Array {
  /// Its elements in their order, so many at a time: what holds up the receive loop is done a part at a time.
  func slices(of size: Int) -> some Sequence<ArraySlice<Element>> {
    stride(from: 0, to: count, by: size).lazy.map { self[$0..<Swift.min(count, $0 + size)] }
  }
}
