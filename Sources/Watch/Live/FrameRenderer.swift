// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Liveness
import Platform

/// Renders a model, a view and a terminal size to a screen. Pure.
struct FrameRenderer {
  typealias Report = PeerReport<PeerID>

  let style: TerminalStyle
  var glyphs: Glyphs { style.glyphs }

  /// - Parameters:
  ///   - view: Order and scroll position; the position is clamped to the peers.
  ///   - now: Not before any time passed to the model.
  func draw(
    _ model: LiveModel, _ view: inout LiveView, at now: LiveModel.Moment, size: TerminalSize
  ) -> Screen {
    var screen = Screen(size: size)
    let peers = view.order.sorted(model.peers)
    let columns = columns(for: peers, model, width: size.columns)
    let readings = FrameReadings(
      of: peers, model, view, at: now.monotonic,
      grid: ReadingGrid(from: columns.address.lowerBound, screen: size.columns), rows: size.rows,
      glyphs: glyphs)
    let wanted = TableRows.wanted(view.readings, count: peers.count, limit: size.rows, wish: readings.wish)
    let layout = FrameLayout(rows: size.rows, table: wanted, otherCount: model.others.count)
    let table = TableRows(
      view.readings, view.position, count: peers.count, rows: layout.peers.count, wish: readings.wish)
    view.shown = table.peers

    drawHeader(model, at: now, layout.header, on: &screen)
    if layout.header == .full || layout.header == .medium {
      drawTitles(columns, view.order, row: layout.header.rows - 1, on: &screen)
    }
    var row = layout.peers.lowerBound
    for (index, lines) in zip(table.peers, table.lines) {
      draw(peers[index], model, columns, at: now, row: row, on: &screen)
      drawReadings(readings, of: index, lines: lines, at: now, row: row + 1, on: &screen)
      row += 1 + lines
    }
    if peers.isEmpty, let row = layout.peers.first {
      drawAbsence(model, at: now, row: row, on: &screen)
    }
    drawOthers(model.others, showsInterface: model.hasSeveralInterfaces, rows: layout.others, on: &screen)
    if let row = layout.footer {
      drawFooter(view, model, table, of: peers.count, row: row, on: &screen)
    }
    return screen
  }

  /// Wide enough for all peers, shown or not, so that scrolling moves no column.
  private func columns(for peers: [Report], _ model: LiveModel, width: Int) -> PeerColumns {
    var (address, interface) = (9, 0)
    let showsInterface = model.hasSeveralInterfaces
    for peer in peers {
      address = max(address, "\(peer.id.subject)".utf8.count)
      if showsInterface { interface = max(interface, interfaceName(peer.id, model).count) }
    }
    return PeerColumns(width: width, addressWidth: address, interfaceWidth: interface)
  }

  /// Escaped: the kernel allows almost any byte in an interface name.
  func interfaceName(_ id: PeerID, _ model: LiveModel) -> String { escaped(model.interface(of: id)) }

  /// Printable ASCII, so that a character is a column.
  func escaped(_ text: String) -> String { EscapedText.string(text.utf8, limit: 1000) }

  /// Shows that there are no peers, and after a while what to do about it.
  private func drawAbsence(_ model: LiveModel, at now: LiveModel.Moment, row: Int, on screen: inout Screen) {
    let text =
      if model.traffic.datagrams > 0 {
        "no peers yet: a sender becomes a peer with its second heartbeat"
      } else if now.monotonic - model.started > 5_000_000_000 {
        "nothing received yet: mcastd doctor looks for the reason"
      } else {
        "nothing received yet"
      }
    screen.put(glyphs.clipped(text, to: screen.size.columns), row: row, column: 0, .dim)
  }
}
