// SPDX-License-Identifier: Apache-2.0

/// Which rows of the screen are for what. What matters least goes first where there is little room.
struct FrameLayout: Equatable, Sendable {
  /// Lines above the peers.
  enum Header: Equatable, Sendable {
    /// Title, traffic, own beat, counts, an empty line, column titles.
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
  /// The title of the other datagrams and themselves; empty where there are none or there is no room.
  let others: Range<Int>
  /// The row of the keys.
  let footer: Int?

  /// - Parameters:
  ///   - rows: Of the screen.
  ///   - peerCount: How many peers could be shown.
  ///   - otherCount: How many other datagrams could be shown.
  init(rows: Int, peerCount: Int, otherCount: Int) {
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
    // A third is theirs as soon as there is one, so that the table does not shrink line by line; more where
    // the peers leave more. An empty line stands between.
    let wanted = min(otherCount + 1, body.count - max(peerCount, 1) - 1)
    let count = max(body.count / 3, wanted)
    others = (body.upperBound - count)..<body.upperBound
    peers = body.lowerBound..<max(body.lowerBound, others.lowerBound - 1)
  }
}
