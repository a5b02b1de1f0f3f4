// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Platform
@testable import Watch

/// What is sent to a terminal.
@Suite("a terminal's screen")
struct WatchScreenTests {
  private let size = TerminalSize(columns: 20, rows: 3)

  @Test("any text is stored as known characters, one column each")
  func safeCharacters() {
    var screen = Screen(size: size)
    screen.put("\u{1b}[2J\u{7}\u{9b}é▆日x\u{202e}\u{301}~", row: 1, column: -1)
    #expect(screen.lines == ["", "[2J???▆?x??~", ""])
    screen.put("over the edge", row: 2, column: 12)
    screen.put("below", row: 3, column: 0)
    #expect(screen.lines[2] == "            over the" && screen.cells.count == 60)
  }

  @Test("only what changed is sent")
  func difference() {
    var old = Screen(size: size)
    old.put("age 0.1s  fixed", row: 1, column: 0)
    var new = old
    new.put("2", row: 1, column: 6)
    let bytes = ScreenUpdate.bytes(from: old, to: new, coloured: true)
    #expect(
      String(decoding: bytes, as: UTF8.self)
        == "\u{1b}[?2026h\u{1b}[2;7H\u{1b}[0m2\u{1b}[0m\u{1b}[?2026l")
    #expect(ScreenUpdate.bytes(from: new, to: new, coloured: true).isEmpty)
  }

  @Test("an unknown or resized screen is redrawn as a whole")
  func whole() {
    var new = Screen(size: size)
    new.put("x", row: 0, column: 0)
    let wider = Screen(size: TerminalSize(columns: 21, rows: 3))
    for old in [nil, wider] {
      let bytes = String(decoding: ScreenUpdate.bytes(from: old, to: new, coloured: true), as: UTF8.self)
      #expect(bytes.contains("\u{1b}[2J") && bytes.contains("x"))
    }
  }

  @Test("the rest of a longer old line is erased")
  func shorter() {
    var old = Screen(size: size)
    old.put("long text", row: 0, column: 0)
    var new = Screen(size: size)
    new.put("lo", row: 0, column: 0)
    #expect(played(ScreenUpdate.bytes(from: old, to: new, coloured: true), on: old) == new.lines)
  }

  @Test("without colours no colour is sent, and weight remains")
  func noColour() {
    var screen = Screen(size: size)
    screen.put("x", row: 0, column: 0, CellStyle(colour: .red, weight: .bold))
    let plain = String(
      decoding: ScreenUpdate.bytes(from: nil, to: screen, coloured: false), as: UTF8.self)
    #expect(plain.contains("\u{1b}[0;1m") && !plain.contains("31"))
    let coloured = String(
      decoding: ScreenUpdate.bytes(from: nil, to: screen, coloured: true), as: UTF8.self)
    #expect(coloured.contains("\u{1b}[0;1;31m"))
  }

  @Test("random changes give the same picture as a full redraw")
  func randomChanges() {
    var random = SeededRandom(testSeed: 6)
    var shown = Screen(size: size)
    for _ in 0..<500 {
      var next = Bool.random(using: &random) ? shown : Screen(size: size)
      for _ in 0..<Int.random(in: 0...4, using: &random) {
        next.put(
          ["a", "  ", "▆▆", "hello", ""].randomElement(using: &random) ?? "",
          row: .random(in: 0..<3, using: &random), column: .random(in: 0..<20, using: &random),
          [.plain, .bold, .dim].randomElement(using: &random) ?? .plain)
      }
      let bytes = ScreenUpdate.bytes(from: shown, to: next, coloured: true)
      #expect(played(bytes, on: shown) == next.lines)
      shown = next
    }
  }

  @Test("no payload sends control characters or foreign escape sequences")
  func hostile() throws {
    var random = SeededRandom(testSeed: 6)
    var fixture = try WatchFixture(interfaces: ["eth0", "\u{9b}2J\u{1b}c"])
    fixture.pass(seconds: 3, hosts: [5])
    let nasty = Array("\u{1b}[2J\u{1b}]0;owned\u{7}\u{1b}P\u{1b}\\\u{8}\r\n\u{202e}\u{9b}31m".utf8)
    for round in 0..<200 {
      let noise = (0..<Int.random(in: 0...600, using: &random)).map { _ in
        UInt8.random(in: 0...255, using: &random)
      }
      fixture.datagram(nasty + noise, from: 9, interface: UInt32(1 + round % 2))
      // A heartbeat may carry words as well.
      fixture.datagram(
        Array("ATU 2026-11-22 07:25:09.195112 k=".utf8) + nasty, from: 8, interface: UInt32(1 + round % 2))
    }
    for style in [TerminalStyle.utf8, .plain] {
      var view = LiveView(hasKeys: true)
      view.message = "warning: \u{1b}[2J"
      let screen = FrameRenderer(style: style).draw(
        fixture.model, &view, at: fixture.now, size: TerminalSize(columns: 120, rows: 50))
      let bytes = ScreenUpdate.bytes(from: nil, to: screen, coloured: style.coloured)
      let rest = withoutSequences(bytes)
      #expect(rest.allSatisfy { $0 >= 0x20 && $0 != 0x7f })
      let drawn = String(decoding: rest, as: UTF8.self)
      #expect(drawn.unicodeScalars.allSatisfy { $0.isASCII || Glyphs.contains($0) })
      #expect(drawn.contains("\\x1b[2J\\x1b]0;owned"))
      if style == .plain { #expect(rest.allSatisfy { $0 < 0x7f }) }
    }
  }

  /// The bytes between our own sequences: ESC [, parameters, and one of the letters that are used.
  private func withoutSequences(_ bytes: [UInt8]) -> [UInt8] {
    var rest: [UInt8] = []
    var isInside = false
    for (index, byte) in bytes.enumerated() {
      if byte == 0x1b, index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: "[") {
        isInside = true
      } else if isInside {
        if "hlmHJK".utf8.contains(byte) { isInside = false }
      } else {
        rest.append(byte)
      }
    }
    return rest
  }

  /// A terminal with only the sequences in use.
  private func played(_ bytes: [UInt8], on screen: Screen) -> [String] {
    var lines = (0..<screen.size.rows).map { Array(screen.row($0).map(\.character)) }
    var (row, column) = (0, 0)
    var rest = String(decoding: bytes, as: UTF8.self).unicodeScalars[...]
    while let scalar = rest.popFirst() {
      guard scalar == "\u{1b}" else {
        lines[row][column] = scalar
        column += 1
        continue
      }
      let end = rest.firstIndex { $0.properties.isAlphabetic } ?? rest.endIndex
      let parameters = String(rest[rest.startIndex..<end].dropFirst())
      switch rest[end] {
      case "H":
        let numbers = parameters.split(separator: ";").compactMap { Int($0) }
        (row, column) = (numbers[0] - 1, numbers[1] - 1)
      case "K": for place in column..<screen.size.columns { lines[row][place] = " " }
      case "J": lines = lines.map { $0.map { _ in " " } }
      default: break
      }
      rest = rest[rest.index(after: end)...]
    }
    return lines.map { line in
      var text = String(String.UnicodeScalarView(line))
      while text.last == " " { text.removeLast() }
      return text
    }
  }
}
