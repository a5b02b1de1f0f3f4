// SPDX-License-Identifier: Apache-2.0

/// When readings are shown beneath the row of their host.
enum ReadingsShown: String, CaseIterable, Sendable {
  /// Where peers leave rows free.
  case auto
  /// Of each host: fewer peers fit on a page.
  case all = "all hosts"
  case off

  var next: ReadingsShown {
    switch self {
    case .auto: .all
    case .all: .off
    case .off: .auto
    }
  }

  /// The most lines of a host.
  var mostLines: Int {
    switch self {
    case .auto: 6
    case .all: 3
    case .off: 0
    }
  }
}

/// What stands in the rows of the table: peers, each with lines of readings beneath its row.
struct TableRows: Equatable, Sendable {
  /// What is wanted for the readings of a peer.
  struct Wish: Equatable, Sendable {
    var lines: Int
    /// Whether one of them changed just now.
    var isNew = false
  }

  /// The peers on the page, from the first on.
  private(set) var peers: Range<Int>
  /// The lines of each of them.
  private(set) var lines: [Int]

  /// How many rows peers and readings would fill.
  ///
  /// - Parameters:
  ///   - count: Of peers.
  ///   - limit: More does not matter.
  ///   - wish: Of a peer; asked of the first `limit` at most.
  static func wanted(
    _ shown: ReadingsShown, count: Int, limit: Int, wish: (Int) -> Wish
  ) -> Int {
    guard shown == .all || shown == .auto && count < limit else { return count }
    return (0..<min(count, limit)).reduce(count) { $0 + wish($1).lines }
  }

  /// Where a page is.
  enum Position: Equatable, Sendable {
    /// Begins with this peer.
    case from(Int)
    /// Ends before this peer.
    case before(Int)

    /// The first peer that may stand on it.
    func earliest(of count: Int, rows: Int) -> Int {
      switch self {
      case .from(let first): max(0, min(first, count - rows))
      case .before(let end): max(0, min(end, count) - rows)
      }
    }
  }

  /// - Parameters:
  ///   - position: Clamped, so that the page is full.
  ///   - count: Of peers.
  ///   - rows: Of the page.
  ///   - wish: Of a peer. Asked of the `2 * rows` from the earliest on at most.
  init(_ shown: ReadingsShown, _ position: Position, count: Int, rows: Int, wish: (Int) -> Wish) {
    guard shown == .all else {
      let start = position.earliest(of: count, rows: rows)
      peers = start..<min(count, start + rows)
      lines = Array(repeating: 0, count: peers.count)
      if shown == .auto { share(rows - count, mostLines: shown.mostLines, wish) }
      return
    }
    var start =
      switch position {
      case .from(let first): max(0, min(first, count))
      case .before(let end): Self.start(of: rows, before: min(end, count), wish)
      }
    if start + rows >= count { start = min(start, Self.start(of: rows, before: count, wish)) }
    peers = start..<start
    lines = []
    var free = rows
    while free > 0, peers.upperBound < count {
      let granted = min(wish(peers.upperBound).lines, free - 1)
      lines.append(granted)
      peers = start..<(peers.upperBound + 1)
      free -= 1 + granted
    }
  }

  /// The first peer of a page that ends before another, with all their lines.
  private static func start(of rows: Int, before end: Int, _ wish: (Int) -> Wish) -> Int {
    var (start, taken) = (end, 0)
    while start > 0 {
      taken += 1 + wish(start - 1).lines
      guard taken <= rows || start == end else { break }
      start -= 1
    }
    return max(0, start)
  }

  /// Gives rows that are free to readings: a line to each host, new ones first, then a second one.
  private mutating func share(_ free: Int, mostLines: Int, _ wish: (Int) -> Wish) {
    guard free > 0 else { return }
    let wishes = peers.map(wish)
    let order = wishes.indices.filter { wishes[$0].isNew } + wishes.indices.filter { !wishes[$0].isNew }
    var free = free
    for line in 0..<mostLines {
      for place in order where wishes[place].lines > line && free > 0 {
        lines[place] += 1
        free -= 1
      }
    }
  }
}
