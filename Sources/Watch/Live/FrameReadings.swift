// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Liveness

/// The readings that may be on the screen, as cells of a grid. Those of a host stand beneath the first of its
/// rows.
struct FrameReadings {
  let grid: ReadingGrid
  private let mostLines: Int
  /// By the index of a peer: those that may have room, and how many have none.
  private var hosts: [Int: (cells: [ReadingCell], left: Int)] = [:]

  /// - Parameters:
  ///   - peers: In the order of their rows.
  ///   - rows: Of the screen: no more peers are on it.
  init(
    of peers: [FrameRenderer.Report], _ model: LiveModel, _ view: LiveView, at now: Int64, grid: ReadingGrid,
    rows: Int, glyphs: Glyphs
  ) {
    self.grid = grid
    mostLines = view.readings.mostLines
    guard view.readings == .all || view.readings == .auto && peers.count < rows, model.readings.hostCount > 0,
      !peers.isEmpty
    else { return }
    let first = view.position.earliest(of: peers.count, rows: rows)
    var seen: Set<HostName> = []
    for (index, peer) in peers.enumerated().prefix(first + 2 * rows) {
      guard let host = peer.name, seen.insert(host).inserted, index >= first else { continue }
      let readings = model.readings.readings(of: host, at: now)
      let shown = Self.first(grid.most(mostLines), of: readings, at: now)
      hosts[index] = (shown.map { ReadingCell($0, at: now, glyphs: glyphs) }, readings.count - shown.count)
    }
  }

  /// Those that come first by rank, in the order in which they are given.
  static func first(_ count: Int, of readings: [WatchedReading], at now: Int64) -> [WatchedReading] {
    guard readings.count > count else { return readings }
    let ranks = readings.map { $0.rank(at: now) }
    let chosen = readings.indices.sorted { (ranks[$0], $0) < (ranks[$1], $1) }.prefix(count)
    return chosen.sorted().map { readings[$0] }
  }

  /// What is wanted beneath the row of a peer.
  func wish(_ peer: Int) -> TableRows.Wish {
    guard let cells = hosts[peer]?.cells else { return TableRows.Wish(lines: 0) }
    return TableRows.Wish(
      lines: placed(cells, lines: mostLines).count, isNew: cells.contains { $0.isNew })
  }

  /// What stands beneath the row of a peer, and how many readings have no room there.
  func lines(of peer: Int, _ count: Int) -> (lines: [[(ReadingCell, ReadingGrid.Placement)]], more: Int) {
    guard let (cells, left) = hosts[peer], count > 0 else { return ([], 0) }
    let lines = placed(cells, lines: count)
    return (lines.map { $0.map { (cells[$0.index], $0) } }, left + cells.count - lines.joined().count)
  }

  private func placed(_ cells: [ReadingCell], lines: Int) -> [[ReadingGrid.Placement]] {
    grid.placed(
      cells.map { ReadingGrid.Item(span: grid.span($0.columns), rank: $0.rank) }, lines: lines)
  }
}
