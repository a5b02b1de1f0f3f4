// SPDX-License-Identifier: Apache-2.0

/// Where the readings of a host stand beneath its row: in places of equal width, so that those of several
/// hosts stand below each other. One that is longer takes two.
struct ReadingGrid: Equatable, Sendable {
  /// Fewer columns are too few for most readings.
  private static let smallestPlace = 34
  /// Columns between two readings.
  private static let gap = 2

  /// The first column.
  let start: Int
  /// Columns of a place, the gap included.
  let width: Int
  /// How many places a line has.
  let places: Int

  /// - Parameters:
  ///   - start: The first column.
  ///   - screen: Columns of the terminal.
  init(from start: Int, screen: Int) {
    self.start = start
    let room = max(1, screen - start)
    places = max(1, room / Self.smallestPlace)
    width = room / places
  }

  /// How many places something takes.
  func span(_ columns: Int) -> Int { columns > room(span: 1) ? min(2, places) : 1 }

  /// Columns that can be written to.
  func room(span: Int) -> Int {
    // Nothing follows in a line of one place.
    places == 1 ? width : max(1, width * span - Self.gap)
  }

  /// A reading in its line.
  struct Placement: Equatable, Sendable {
    /// Which it is of those that were given.
    var index: Int
    /// The first place in its line, and how many it takes.
    var place: Int
    var span: Int
  }

  /// What a packing takes of an item.
  struct Item: Equatable, Sendable {
    var span: Int
    /// The lower, the sooner it is shown.
    var rank: Int
  }

  /// Places items in their order. Where not all fit those with the lowest rank are chosen.
  ///
  /// - Parameters:
  ///   - lines: How many there may be.
  /// - Returns: A list for each line that is needed.
  func placed(_ items: [Item], lines: Int) -> [[Placement]] {
    let sorted = items.indices.sorted { (items[$0].rank, $0) < (items[$1].rank, $1) }
    var chosen = sorted.prefix(most(lines))
    while true {
      let rows = flow(chosen.sorted(), items)
      guard rows.count > lines, !chosen.isEmpty else { return rows }
      chosen.removeLast()
    }
  }

  /// How many items so many lines have places for.
  func most(_ lines: Int) -> Int { lines * places }

  private func flow(_ chosen: [Int], _ items: [Item]) -> [[Placement]] {
    var rows: [[Placement]] = []
    var next = places
    for index in chosen {
      let span = items[index].span
      if next + span > places {
        rows.append([])
        next = 0
      }
      rows[rows.count - 1].append(Placement(index: index, place: next, span: span))
      next += span
    }
    return rows
  }
}
