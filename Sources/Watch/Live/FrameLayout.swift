// SPDX-License-Identifier: Apache-2.0

/// Assignment of the screen's rows. On a small screen the least important are left out first.
struct FrameLayout: Equatable, Sendable {
  /// Lines above the peers.
  enum Header: Equatable, Sendable {
    /// Title, traffic, own beat, counts, states or an empty line, column titles.
    case full
    /// Title, traffic, counts, column titles.
    case medium
    /// Title and counts.
    case small
    /// Counts.
    case tiny

    var rows: Int {
      switch self {
      case .full: 6
      case .medium: 4
      case .small: 2
      case .tiny: 1
      }
    }
  }

  let header: Header
  let peers: Range<Int>
  /// Other datagrams with their title; empty where there are none, or no room.
  let others: Range<Int>
  /// The row of the key help.
  let footer: Int?

  /// - Parameters:
  ///   - rows: Height of the screen.
  ///   - table: Rows that peers and their readings would fill.
  ///   - otherCount: Number of other datagrams that are kept.
  init(rows: Int, table: Int, otherCount: Int) {
    header =
      switch rows {
      case 16...: .full
      case 8...: .medium
      case 4...: .small
      default: .tiny
      }
    footer = rows >= 8 ? rows - 1 : nil
    let body = min(header.rows, rows)..<(footer ?? rows)
    guard otherCount > 0, body.count >= 6 else {
      peers = body
      others = body.upperBound..<body.upperBound
      return
    }
    // Other datagrams get a third from the first one on, so that the table does not shrink line by line,
    // and more where the table leaves rows free. An empty line separates the two.
    let wanted = min(otherCount + 1, body.count - max(table, 1) - 1)
    let count = max(body.count / 3, wanted)
    others = (body.upperBound - count)..<body.upperBound
    peers = body.lowerBound..<max(body.lowerBound, others.lowerBound - 1)
  }
}
