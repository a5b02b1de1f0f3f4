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
    let layout = FrameLayout(rows: size.rows, peerCount: peers.count, otherCount: model.others.count)
    view.visible = layout.peers.count
    view.first = max(0, min(view.first, peers.count - view.visible))
    let shown = view.first..<min(peers.count, view.first + view.visible)

    drawHeader(model, at: now, layout.header, on: &screen)
    let columns = columns(for: peers, model, width: size.columns)
    if layout.header == .full || layout.header == .medium {
      drawTitles(columns, view.order, row: layout.header.rows - 1, on: &screen)
    }
    for (row, peer) in zip(layout.peers, peers[shown]) {
      draw(peer, model, columns, at: now, row: row, on: &screen)
    }
    if peers.isEmpty, let row = layout.peers.first {
      drawAbsence(model, at: now, row: row, on: &screen)
    }
    drawOthers(model.others, showsInterface: model.hasSeveralInterfaces, rows: layout.others, on: &screen)
    if let row = layout.footer {
      drawFooter(view, shown: shown, of: peers.count, row: row, on: &screen)
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

  private func drawFooter(
    _ view: LiveView, shown: Range<Int>, of count: Int, row: Int, on screen: inout Screen
  ) {
    let width = screen.size.columns
    if let message = view.message {
      screen.put(
        glyphs.clipped(escaped(message), to: width), row: row, column: 0, CellStyle(colour: .yellow))
      return
    }
    var keys = [(view.hasKeys ? "q" : "Ctrl-C", "quit")]
    if view.hasKeys, width >= 30 { keys.append(("s", "sort: \(view.order.rawValue)")) }
    if view.hasKeys, shown.count < count, width >= 60 {
      keys.append(("\(glyphs.arrows) PgUp PgDn", "scroll"))
    }
    var column = 0
    for (key, meaning) in keys {
      column = screen.put(key, row: row, column: column, .bold)
      column = screen.put(" \(meaning)", row: row, column: column, .dim) + 3
    }
    if shown.count < count {
      let text = "\(shown.lowerBound + 1)\(glyphs.range)\(shown.upperBound) of \(count)"
      if column + text.count <= width { screen.put(text, row: row, endingAt: width, .dim) }
    }
  }
}
