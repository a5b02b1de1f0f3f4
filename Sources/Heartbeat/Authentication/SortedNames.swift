// SPDX-License-Identifier: Apache-2.0

/// Short names, found by their bytes: nothing is hashed or allocated to look one up.
struct SortedNames: Equatable, Sendable {
  /// All names, one after the other, in the order of their bytes.
  private let bytes: [UInt8]
  /// Where each ends.
  private let ends: [Int]

  var count: Int { ends.count }

  /// - Parameter names: In any order; one that is there twice takes two places.
  init(_ names: [[UInt8]]) {
    var (bytes, ends) = ([UInt8](), [Int]())
    for name in names.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
      bytes += name
      ends.append(bytes.count)
    }
    (self.bytes, self.ends) = (bytes, ends)
  }

  /// The place of a name in the order of bytes; nil where it is not one of them.
  func place(of name: UnsafeRawBufferPointer) -> Int? {
    bytes.withUnsafeBytes { bytes in
      var (low, high) = (0, ends.count)
      while low < high {
        let middle = (low + high) / 2
        let start = middle > 0 ? ends[middle - 1] : 0
        switch Self.order(UnsafeRawBufferPointer(rebasing: bytes[start..<ends[middle]]), name) {
        case 0: return middle
        case ..<0: low = middle + 1
        default: high = middle
        }
      }
      return nil
    }
  }

  /// The names of both.
  func intersection(_ other: SortedNames) -> SortedNames {
    SortedNames(all.filter { name in name.withUnsafeBytes { other.place(of: $0) } != nil })
  }

  private var all: [[UInt8]] {
    ends.indices.map { Array(bytes[($0 > 0 ? ends[$0 - 1] : 0)..<ends[$0]]) }
  }

  /// Less than 0 where the first comes before the second, 0 where they are the same.
  private static func order(_ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer) -> Int {
    for place in 0..<min(first.count, second.count) where first[place] != second[place] {
      return first[place] < second[place] ? -1 : 1
    }
    return first.count - second.count
  }
}
