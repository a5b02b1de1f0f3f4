// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Liveness
import Platform

// The table: one row per peer.
extension FrameRenderer {
  func drawTitles(_ columns: PeerColumns, _ order: PeerOrder, row: Int, on screen: inout Screen) {
    func style(_ sortedBy: PeerOrder?) -> CellStyle { sortedBy == order ? .bold : .dim }
    if columns.state > 1 { screen.put("STATE", row: row, column: 0, style(.state)) }
    screen.put("PEER", row: row, column: columns.address.lowerBound, style(.address))
    if let interface = columns.interface {
      screen.put(
        glyphs.clipped("INTERFACE", to: interface.count), row: row, column: interface.lowerBound, .dim)
    }
    for (number, end) in columns.numbers {
      screen.put(number.title, row: row, endingAt: end, style(number == .missed ? .missed : nil))
    }
    if let spark = columns.spark {
      screen.put(
        glyphs.clipped("LAST MINUTE", to: spark.count), row: row, column: spark.lowerBound, .dim)
    }
    if let note = columns.note { screen.put("NOTE", row: row, column: note.lowerBound, .dim) }
  }

  func draw(
    _ peer: Report, _ model: LiveModel, _ columns: PeerColumns, at now: LiveModel.Moment, row: Int,
    on screen: inout Screen
  ) {
    let (symbol, style) = mark(peer.state)
    screen.put(columns.state > 1 ? "\(symbol) \(peer.state)" : symbol, row: row, column: 0, style)
    screen.put(
      clipped(peer.id.subject, to: columns.address.count), row: row,
      column: columns.address.lowerBound, peer.state == .silent ? .bold : .plain)
    if let interface = columns.interface {
      screen.put(interfaceName(peer.id, model), row: row, column: interface.lowerBound, .dim)
    }
    for (number, end) in columns.numbers {
      let (text, style) = cell(number, peer, at: now)
      screen.put(text, row: row, endingAt: end, style)
    }
    if let spark = columns.spark {
      let bars = model.pace(of: peer, parts: spark.count, until: now.monotonic).map(bar)
      screen.put(bars.joined(), row: row, column: spark.lowerBound, paceStyle(peer.state))
    }
    if let note = columns.note {
      screen.put(glyphs.clipped(Self.note(on: peer), to: note.count), row: row, column: note.lowerBound, .dim)
    }
  }

  /// Addresses differ at their end, and names at their start.
  private func clipped(_ subject: PeerSubject, to width: Int) -> String {
    subject.name == nil
      ? glyphs.clippedAtStart("\(subject)", to: width) : glyphs.clipped("\(subject)", to: width)
  }

  private func cell(
    _ number: PeerColumns.Number, _ peer: Report, at now: LiveModel.Moment
  ) -> (String, CellStyle) {
    switch number {
    case .last:
      (
        ShortDuration.age(now.monotonic - peer.lastHeard),
        peer.state == .alive ? .plain : mark(peer.state).style
      )
    case .interval: (ShortDuration.interval(peer.interval), .dim)
    case .missed: ("\(peer.missed)", peer.missed == 0 ? .dim : .plain)
    case .jitter: (ShortDuration.jitter(peer.jitter), .dim)
    case .offset:
      // Half a second is more than network delay: the clock or its zone is wrong.
      (
        ShortDuration.signed(Int64(microseconds: peer.offset)),
        peer.offset.magnitude < 500_000 ? .dim : .plain
      )
    }
  }

  /// Three quarters of the height mean on pace, so that a higher rate shows as well. A gap of five
  /// missed beats, after which most peers are silent, has the lowest bar.
  private func bar(_ share: Float?) -> String {
    guard let share else { return " " }
    let level = share < 0.18 ? 0 : Int((share * 5).rounded())
    return String(glyphs.bars[min(level, glyphs.bars.count - 1)])
  }

  private func paceStyle(_ state: PeerState) -> CellStyle {
    switch state {
    case .alive: CellStyle(colour: .green)
    case .late, .unknown: CellStyle(colour: .yellow)
    case .silent: CellStyle(colour: .red)
    case .left: .dim
    }
  }

  /// Other facts about the peer, the most unusual first.
  private static func note(on peer: Report) -> String {
    var facts: [String] = []
    if let proof = peer.proof { facts.append(Self.words(proof)) }
    if peer.isContested { facts.append("name used twice") }
    if peer.otherPort != nil { facts.append("several senders") }
    if peer.clockSteps > 0 { facts.append("clock set \(times(peer.clockSteps))") }
    if peer.restarts > 0 { facts.append("restarted \(times(peer.restarts))") }
    if peer.lastSilence > 0 { facts.append("was silent \(ShortDuration.age(peer.lastSilence))") }
    if peer.missedHere > 0 { facts.append("\(peer.missedHere) missed here") }
    if peer.duplicates > 0 { facts.append("\(peer.duplicates) duplicates") }
    if peer.reordered > 0 { facts.append("\(peer.reordered) out of order") }
    if peer.name != nil { facts.append("\(peer.address)") }
    return facts.joined(separator: ", ")
  }

  private static func words(_ proof: Proof) -> String {
    switch proof {
    case .none: "no code"
    case .ok: "authentic"
    case .signed: "signed"
    case .bad: "NOT AUTHENTIC"
    case .replayed: "REPEATED"
    }
  }

  private static func times(_ count: UInt32) -> String { count == 1 ? "once" : "\(count) times" }
}
