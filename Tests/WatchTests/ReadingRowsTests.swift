// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Platform
@testable import Watch

/// Which rows readings have among those of peers.
@Suite("rows of readings")
struct ReadingRowsTests {
  /// So many hosts, each of which says two readings; those that are named changed just now.
  private func hosts(_ count: Int, changed: Set<String> = []) throws -> WatchFixture {
    var fixture = try WatchFixture()
    let names = (0..<count).map { "h\(10 + $0)" }
    func words(_ status: (String) -> String) -> [String: String] {
      Dictionary(uniqueKeysWithValues: names.map { ($0, "temp.in=20C ups.status=\(status($0))") })
    }
    fixture.say(words { _ in "OL" }, seconds: 3)
    if !changed.isEmpty { fixture.say(words { changed.contains($0) ? "OB" : "OL" }, seconds: 1) }
    return fixture
  }

  private func lines(_ fixture: WatchFixture, _ view: inout LiveView, rows: Int = 24) -> [String] {
    FrameRenderer(style: .utf8).draw(
      fixture.model, &view, at: fixture.now, size: TerminalSize(columns: 80, rows: rows)
    ).lines
  }

  private func press(_ character: Character, _ view: inout LiveView) {
    _ = view.press(.character(character.asciiValue ?? 0))
  }

  @Test("readings take the rows that peers leave free, those that changed first")
  func spare() throws {
    var view = LiveView(hasKeys: true)
    // 17 rows.
    let lines = lines(try hosts(14, changed: ["h20"]), &view)
    let readings = lines.indices.filter { lines[$0].contains("temp.in 20C") }
    #expect(readings.map { lines[$0 - 1].split(separator: " ")[2] } == ["h10", "h11", "h20"])
    #expect(lines[22].contains(" h23 "))
  }

  @Test("fifty hosts fill the screen, and r shows their readings, or none")
  func fifty() throws {
    let fixture = try hosts(50)
    var view = LiveView(hasKeys: true)
    var lines = lines(fixture, &view)
    #expect(lines[6...22].allSatisfy { $0.hasPrefix("● alive") })
    #expect(lines[23] == "q quit   s sort: state   r readings: auto, no room                    1–17 of 50")
    press("r", &view)
    lines = self.lines(fixture, &view)
    #expect(lines[6].contains(" h10 "))
    #expect(lines[7] == "          temp.in 20C                     ▅  ups.status OL")
    #expect(lines[22].contains(" h18 "))
    #expect(lines[23] == "q quit   s sort: state   r readings: all hosts   ↑↓ PgUp PgDn scroll   1–9 of 50")
    press("r", &view)
    lines = self.lines(fixture, &view)
    #expect(lines[6...22].allSatisfy { $0.hasPrefix("● alive") })
    #expect(lines[23].contains("r readings: off "))
    press("r", &view)
    #expect(view.readings == .auto)
  }

  @Test("pages with readings leave out no peer, downwards and upwards")
  func pages() throws {
    // The second half says nothing, and stands closer.
    var fixture = try hosts(25)
    let silent = Dictionary(uniqueKeysWithValues: (50..<75).map { ("i\($0)", "") })
    for _ in 0..<3 {
      for (name, words) in silent { fixture.say(words, name, from: 60) }
      fixture.pass(seconds: 1, hosts: [])
    }
    var view = LiveView(hasKeys: true)
    view.readings = .all
    for (key, start) in [(PressedKey.pageDown, PressedKey.home), (.pageUp, .end)] {
      var seen: Set<Int> = []
      _ = view.press(start)
      for _ in 0..<10 {
        _ = lines(fixture, &view)
        seen.formUnion(view.shown)
        _ = view.press(key)
      }
      #expect(seen == Set(0..<50), "\(key)")
    }
    _ = view.press(.end)
    #expect(lines(fixture, &view)[22].contains(" i74 "))
    #expect(view.shown == 33..<50)
  }

  @Test("the rows of any page are those that there are, and all pages together show every peer")
  func anyPage() {
    var random = SeededRandom(testSeed: 11)
    for _ in 0..<500 {
      let wishes = (0..<Int.random(in: 0...40, using: &random)).map { _ in
        TableRows.Wish(lines: .random(in: 0...6, using: &random), isNew: .random(using: &random))
      }
      let rows = Int.random(in: 0...20, using: &random)
      for shown in ReadingsShown.allCases {
        var (seen, position) = (Set<Int>(), TableRows.Position.from(.random(in: -3...50, using: &random)))
        let isUpward = Bool.random(using: &random)
        for _ in 0..<100 {
          let table = TableRows(shown, position, count: wishes.count, rows: rows) { wishes[$0] }
          #expect(table.peers.count == table.lines.count)
          #expect(table.peers.count + table.lines.reduce(0, +) <= rows)
          #expect(zip(table.peers, table.lines).allSatisfy { $1 <= wishes[$0].lines })
          seen.formUnion(table.peers)
          position =
            isUpward
            ? .before(table.peers.lowerBound)
            : .from(table.peers.lowerBound + max(1, table.peers.count - 1))
          if table.peers.lowerBound == 0, isUpward { position = .from(wishes.count) }
          if table.peers.upperBound == wishes.count, !isUpward { position = .from(0) }
        }
        if rows > 0 { #expect(seen.count == wishes.count, "\(shown), \(rows) rows, upward \(isUpward)") }
      }
    }
  }

  @Test("items keep their order and their places, and the least important are left out")
  func placed() {
    var random = SeededRandom(testSeed: 12)
    for _ in 0..<500 {
      let grid = ReadingGrid(from: 10, screen: .random(in: 1...250, using: &random))
      let items = (0..<Int.random(in: 0...64, using: &random)).map { _ in
        ReadingGrid.Item(
          span: .random(in: 1...min(2, grid.places), using: &random), rank: .random(in: 0...2, using: &random)
        )
      }
      let lines = Int.random(in: 1...3, using: &random)
      let placed = grid.placed(items, lines: lines)
      #expect(placed.count <= lines)
      #expect(placed.joined().map(\.index) == placed.joined().map(\.index).sorted())
      for line in placed {
        #expect(!line.isEmpty && (line.last.map { $0.place + $0.span } ?? 0) <= grid.places)
        for (one, next) in zip(line, line.dropFirst()) { #expect(one.place + one.span == next.place) }
      }
      let shown = Set(placed.joined().map(\.index))
      let worst = shown.map { items[$0].rank }.max() ?? 0
      #expect(items.indices.allSatisfy { shown.contains($0) || items[$0].rank >= worst })
      #expect(items.isEmpty || !shown.isEmpty)
    }
  }
}
