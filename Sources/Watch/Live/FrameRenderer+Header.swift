// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Liveness
import Platform

// The lines above the table.
extension FrameRenderer {
  /// First column of the facts on a labelled line.
  private static let indent = 10
  /// Readings of this host.
  private static let ownReadings = 4

  func drawHeader(
    _ model: LiveModel, at now: LiveModel.Moment, _ header: FrameLayout.Header, on screen: inout Screen
  ) {
    switch header {
    case .full:
      drawTitle(model, at: now, on: &screen)
      drawTraffic(model, at: now, row: 1, on: &screen)
      drawOwn(model, at: now, row: 2, on: &screen)
      drawCounts(model, at: now, row: 3, on: &screen)
      drawStates(model.states, at: now, row: 4, on: &screen)
    case .medium:
      drawTitle(model, at: now, on: &screen)
      drawTraffic(model, at: now, row: 1, on: &screen)
      drawCounts(model, at: now, row: 2, on: &screen)
    case .small:
      drawTitle(model, at: now, on: &screen)
      drawCounts(model, at: now, row: 1, on: &screen)
    case .tiny:
      drawCounts(model, at: now, row: 0, on: &screen)
    }
  }

  /// `mcastd watch  239.1.1.1:5001 on eth0      14:33:48`
  private func drawTitle(_ model: LiveModel, at now: LiveModel.Moment, on screen: inout Screen) {
    let width = screen.size.columns
    let clock = clockText(now.wall)
    let end = width >= 40 ? width - clock.count - 2 : width
    var column = 0
    func add(_ text: String, _ style: CellStyle) {
      column = screen.put(glyphs.clipped(text, to: end - column), row: 0, column: column, style)
    }
    if width >= 60 { add("mcastd watch  ", .dim) }
    add("\(model.group)", .bold)
    if let interfaces = model.interfaces {
      add(" on ", .dim)
      add(escaped(interfaces), .plain)
    } else {
      add(" waiting for \(escaped(model.waitingFor))", CellStyle(colour: .yellow))
    }
    if width >= 40 { screen.put(clock, row: 0, endingAt: width, .dim) }
  }

  private func drawTraffic(
    _ model: LiveModel, at now: LiveModel.Moment, row: Int, on screen: inout Screen
  ) {
    let rate = model.traffic.rate(at: now.monotonic)
    let traffic = model.traffic
    var facts: [Fact] = [
      (rate.map { "\(ShortText.rate($0.datagrams))/s" } ?? "", .plain),
      (rate.map { "\(ShortText.bytes($0.bytes))/s" } ?? "", .plain),
      ("\(traffic.datagrams) in \(ShortDuration.whole(now.monotonic - model.started))", .dim),
    ]
    if traffic.dropped > 0 {
      facts.append(("\(traffic.dropped) dropped by the kernel", CellStyle(colour: .yellow)))
    }
    draw("received", facts, row: row, on: &screen)
  }

  private func drawOwn(_ model: LiveModel, at now: LiveModel.Moment, row: Int, on screen: inout Screen) {
    let own = PeerOrder.address.sorted(model.own)
    guard let first = own.first else {
      draw("own beat", [("none heard from this host", .dim)], row: row, on: &screen)
      return
    }
    let (symbol, style) = mark(first.state)
    var facts: [Fact] = [
      ("\(symbol) \(ShortDuration.age(now.monotonic - first.lastHeard)) ago", style),
      ("every \(ShortDuration.interval(first.interval))", .dim), ("from \(first.address)", .dim),
    ]
    if own.count > 1 { facts.append(("and \(own.count - 1) more", .dim)) }
    let readings = first.name.map { model.ownReadings.readings(of: $0, at: now.monotonic) } ?? []
    let said = FrameReadings.first(Self.ownReadings, of: readings, at: now.monotonic).map { reading in
      let cell = ReadingCell(reading, at: now.monotonic, glyphs: glyphs)
      return (cell.line, cell.valueStyle)
    }
    draw("own beat", facts, whole: said, row: row, on: &screen)
  }

  private func drawCounts(_ model: LiveModel, at now: LiveModel.Moment, row: Int, on screen: inout Screen) {
    if let since = model.networkSilentSince {
      let age = ShortDuration.age(now.monotonic - since)
      draw(
        "peers",
        [("network silent for \(age): no peer is heard", CellStyle(colour: .red, weight: .bold))],
        row: row, on: &screen)
      return
    }
    let counts = model.peers.counts
    var facts: [Fact] = [("\(counts.alive) alive", counts.alive > 0 ? mark(.alive).style : .dim)]
    if counts.late > 0 { facts.append(("\(counts.late) late", mark(.late).style)) }
    if counts.silent > 0 { facts.append(("\(counts.silent) silent", mark(.silent).style)) }
    if counts.left > 0 { facts.append(("\(counts.left) left", mark(.left).style)) }
    if counts.unknown > 0 { facts.append(("\(counts.unknown) unknown", mark(.unknown).style)) }
    for impediment in model.impediments {
      facts.append((escaped(impediment), CellStyle(colour: .yellow, weight: .bold)))
    }
    if counts.refused > 0 {
      facts.append(("table full, \(counts.refused) refused", CellStyle(colour: .yellow)))
    }
    draw("peers", facts, row: row, on: &screen)
  }

  /// `states    ● fans-off 5m · 2 inactive`; an empty line where there are none.
  private func drawStates(
    _ states: WatchedStates, at now: LiveModel.Moment, row: Int, on screen: inout Screen
  ) {
    guard !states.isEmpty else { return }
    var facts: [Fact] = states.active.map { state in
      let age = state.since.map { " \(ShortDuration.age(max(0, now.wall - $0)))" } ?? ""
      return ("\(glyphs.alive) \(escaped(state.name))\(age)", CellStyle(colour: .yellow, weight: .bold))
    }
    if states.inactive > 0 { facts.append(("\(states.inactive) inactive", .dim)) }
    draw("states", facts, row: row, on: &screen)
  }

  private typealias Fact = (text: String, style: CellStyle)

  /// `received  4.0/s · 120 B/s · 480 in 2m00s`
  ///
  /// - Parameter whole: Further ones, of which those are left out that do not fit.
  private func draw(
    _ label: String, _ facts: [Fact], whole: [Fact] = [], row: Int, on screen: inout Screen
  ) {
    let width = screen.size.columns
    var column = 0
    if width >= 30 {
      screen.put(label, row: row, column: 0, .dim)
      column = Self.indent
    }
    for (index, fact) in facts.filter({ !$0.text.isEmpty }).enumerated() {
      if index > 0 { column = screen.put(" \(glyphs.dot) ", row: row, column: column, .dim) }
      column = screen.put(glyphs.clipped(fact.text, to: width - column), row: row, column: column, fact.style)
    }
    for fact in whole where column + 3 + fact.text.unicodeScalars.count <= width {
      column = screen.put(" \(glyphs.dot) ", row: row, column: column, .dim)
      column = screen.put(fact.text, row: row, column: column, fact.style)
    }
  }

  /// Symbol and style of a state.
  func mark(_ state: PeerState) -> (symbol: String, style: CellStyle) {
    switch state {
    case .alive: ("\(glyphs.alive)", CellStyle(colour: .green))
    case .late: ("\(glyphs.late)", CellStyle(colour: .yellow))
    case .silent: ("\(glyphs.silent)", CellStyle(colour: .red, weight: .bold))
    case .left: ("\(glyphs.left)", .dim)
    case .unknown: ("\(glyphs.unknown)", CellStyle(colour: .yellow, weight: .bold))
    }
  }

  /// `14:33:48`, in the local time zone.
  func clockText(_ wall: Int64) -> String {
    let time = CivilTime(realtime: wall, zone: .local)
    return [time.hour, time.minute, time.second].map { Digits.two(Int64($0)) }.joined(separator: ":")
  }
}
