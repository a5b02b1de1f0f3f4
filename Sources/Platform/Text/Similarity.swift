// SPDX-License-Identifier: Apache-2.0

/// Edit distance of names, for the suggestion beside an unknown one.
package enum Similarity {
  /// The candidate at the least distance, the first of several; `nil` where that is more than two edits and
  /// more than a third of the name's length.
  package static func nearest(to name: String, in candidates: [String]) -> String? {
    nearest(to: name, in: candidates, within: max(2, name.utf8.count / 3))
  }

  /// The candidate at the least distance, the first of several; `nil` where that is more than `limit`, or
  /// replaces the whole name.
  package static func nearest(to name: String, in candidates: [String], within limit: Int) -> String? {
    let distances = candidates.map { (candidate: $0, distance: distance($0, name)) }
    guard let best = distances.min(by: { $0.distance < $1.distance }),
      best.distance <= limit, best.distance < name.utf8.count
    else { return nil }
    return best.candidate
  }

  /// The number of characters to insert, delete, replace or swap with their neighbour to get from one to the
  /// other (optimal string alignment).
  package static func distance(_ from: String, _ to: String) -> Int {
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
