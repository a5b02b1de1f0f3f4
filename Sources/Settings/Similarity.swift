// SPDX-License-Identifier: Apache-2.0

/// How much one name is like another, to guess what was meant.
enum Similarity {
  /// The key that was meant by a name in a file.
  static func nearestKey(to name: String) -> String? {
    let nearest = nearest(to: name, in: Key.allCases.map(\.name))
    if let nearest, distance(nearest, name) <= 2 { return nearest }
    // The right key in the wrong place: `interval` after `[publish]`, `rate` before `[log]`.
    let last = name.split(separator: ".").last
    return Key.allCases.first { $0.name.split(separator: ".").last == last }?.name ?? nearest
  }

  /// The candidate at the least distance, the first of several; `nil` without candidates.
  static func nearest(to name: String, in candidates: [String]) -> String? {
    candidates.min { distance($0, name) < distance($1, name) }
  }

  /// The number of characters to insert, delete, replace or swap with their neighbour to get from one to the
  /// other (optimal string alignment).
  static func distance(_ from: String, _ to: String) -> Int {
    let from = Array(from.utf8.prefix(64))
    let to = Array(to.utf8.prefix(64))
    var beforeLast: [Int] = []
    var last = Array(0...to.count)
    for (row, character) in from.enumerated() {
      var current = [row + 1]
      for (column, other) in to.enumerated() {
        var cost = min(
          last[column] + (character == other ? 0 : 1), last[column + 1] + 1, current[column] + 1)
        if row > 0, column > 0, character == to[column - 1], from[row - 1] == other {
          cost = min(cost, beforeLast[column - 1] + 1)
        }
        current.append(cost)
      }
      (beforeLast, last) = (last, current)
    }
    return last[to.count]
  }
}
