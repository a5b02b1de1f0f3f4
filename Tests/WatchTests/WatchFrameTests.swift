// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Heartbeat
@testable import Platform
@testable import Watch

/// The live view as text, for an input that is always the same.
@Suite("the live view")
struct WatchFrameTests {
  private func frame(
    _ fixture: inout WatchFixture, columns: Int, rows: Int, style: TerminalStyle = .utf8, keys: Bool = true
  ) -> Screen {
    var view = LiveView(hasKeys: keys)
    return FrameRenderer(style: style).draw(
      fixture.model, &view, at: fixture.now, size: TerminalSize(columns: columns, rows: rows))
  }

  /// Three peers and ourselves; 10.0.0.7 stopped after 6 s, 10 s ago.
  private func someSilent() throws -> WatchFixture {
    var fixture = try WatchFixture()
    fixture.pass(seconds: 6, hosts: [1, 5, 6, 7])
    fixture.pass(seconds: 10, hosts: [1, 5, 6, 7], silent: [7])
    return fixture
  }

  @Test("80×24 in UTF-8: header, a row a peer with trouble first, keys")
  func standard() throws {
    var fixture = try someSilent()
    let lines = frame(&fixture, columns: 80, rows: 24).lines
    let clock = FrameRenderer(style: .utf8).clockText(fixture.now.wall)
    #expect(lines[0] == "mcastd watch  239.1.1.1:5001 on eth0" + spaces(36) + clock)
    #expect(lines[1] == "received  3.0/s · 90 B/s · 54 in 16s")
    #expect(lines[2] == "own beat  ● 0.9s ago · every 1s · from 10.0.0.1")
    #expect(lines[3] == "peers     2 alive · 1 silent")
    #expect(lines[4] == "")
    #expect(lines[5] == "STATE     PEER        LAST EVERY MISSED JITTER OFFSET  LAST MINUTE")
    #expect(lines[6] == "○ silent  10.0.0.7   10.3s    1s      0 0.00ms +0.1ms                ▆▆▄▁▁▁")
    #expect(lines[7] == "● alive   10.0.0.5    0.5s    1s      0 0.00ms +0.1ms                ▆▆▆▆▆▆")
    #expect(lines[8] == "● alive   10.0.0.6    0.4s    1s      0 0.00ms +0.1ms                ▆▆▆▆▆▆")
    #expect(lines[9..<23].allSatisfy { $0.isEmpty })
    #expect(lines[23] == "q quit   s sort: state")
  }

  @Test("80×24 in a plain locale is the same in ASCII")
  func plain() throws {
    var fixture = try someSilent()
    let lines = frame(&fixture, columns: 80, rows: 24, style: .plain).lines
    #expect(lines.allSatisfy { $0.utf8.allSatisfy { $0 < 0x7f } })
    #expect(lines[3] == "peers     2 alive - 1 silent")
    #expect(lines[6] == "! silent  10.0.0.7   10.3s    1s      0 0.00ms +0.1ms                ++-")
    #expect(lines[7] == "* alive   10.0.0.5    0.5s    1s      0 0.00ms +0.1ms                ++++++")
  }

  @Test("40×10 keeps what matters most")
  func small() throws {
    var fixture = try someSilent()
    let lines = frame(&fixture, columns: 40, rows: 10).lines
    #expect(lines[0].hasPrefix("239.1.1.1:5001 on eth0"))
    #expect(lines[2] == "peers     2 alive · 1 silent")
    #expect(lines[3] == "STATE     PEER        LAST EVERY MISSED")
    #expect(lines[4] == "○ silent  10.0.0.7   10.3s    1s      0")
    #expect(lines[9] == "q quit   s sort: state")
  }

  @Test("200×50 shows each second of the minute, and notes")
  func large() throws {
    var fixture = try WatchFixture()
    fixture.pass(seconds: 20, hosts: [5, 6])
    fixture.pass(seconds: 10, hosts: [5, 6], silent: [6])
    fixture.pass(seconds: 20, hosts: [5, 6])
    let lines = frame(&fixture, columns: 200, rows: 50).lines
    #expect(lines[5].hasSuffix("NOTE"))
    #expect(lines[6].contains("10.0.0.5") && lines[6].contains(String(repeating: "▆", count: 48)))
    #expect(
      lines[7].contains("10.0.0.6") && lines[7].contains("▁▁▁▁▁▁▁▁") && lines[7].hasSuffix("was silent 11.0s")
    )
    #expect(lines[49].hasPrefix("q quit"))
  }

  @Test(
    "any size can be drawn, and none is exceeded",
    arguments: [(1, 1), (2, 3), (7, 5), (19, 8), (31, 16), (61, 7)])
  func tiny(columns: Int, rows: Int) throws {
    var fixture = try someSilent()
    fixture.datagram(Array("hello".utf8), from: 9)
    let screen = frame(&fixture, columns: columns, rows: rows)
    #expect(screen.cells.count == columns * rows)
    #expect(screen.lines[0].isEmpty == false)
  }

  @Test("a state has a word and a symbol, not colour alone")
  func statesAreWords() throws {
    var fixture = try WatchFixture()
    fixture.pass(seconds: 12, hosts: [5, 6, 7])
    fixture.pass(seconds: 4, hosts: [5, 6, 7], silent: [6])
    fixture.pass(seconds: 4, hosts: [5, 6, 7], silent: [6, 7])
    let lines = frame(&fixture, columns: 80, rows: 24).lines
    #expect(lines[6].hasPrefix("○ silent  10.0.0.6"))
    #expect(lines[7].hasPrefix("◐ late    10.0.0.7"))
    #expect(lines[8].hasPrefix("● alive   10.0.0.5"))
  }

  @Test("when all peers stop at once the network is silent, and none of them")
  func networkSilent() throws {
    var fixture = try WatchFixture()
    fixture.pass(seconds: 10, hosts: [1, 5, 6, 7])
    fixture.pass(seconds: 10, hosts: [1])
    let lines = frame(&fixture, columns: 80, rows: 24).lines
    #expect(lines[3].hasPrefix("peers     network silent for 10."))
    #expect(!lines.contains { $0.hasPrefix("○") })
  }

  @Test("other datagrams stand below, escaped, and take at least a third as soon as there is one")
  func others() throws {
    var fixture = try WatchFixture()
    fixture.pass(seconds: 4, hosts: Array(5..<60))
    fixture.datagram(Array("\u{1b}[2J\u{7}\r\nred".utf8) + [0x9b, 0xff], from: 9)
    let lines = frame(&fixture, columns: 80, rows: 24).lines
    #expect(lines[21] == "OTHER DATAGRAMS  1")
    #expect(lines[22].hasSuffix("10.0.0.9:4242     12 B  \\x1b[2J\\x07\\x0d\\nred\\x9b\\xff"))
    #expect(lines[23].hasSuffix("1–11 of 55"))
  }

  @Test("several interfaces have a column, and their names are escaped")
  func interfaces() throws {
    var fixture = try WatchFixture(interfaces: ["eth0", "\u{1b}[31m"])
    for _ in 0..<3 {
      fixture.pass(seconds: 1, hosts: [])
      fixture.beat(from: 5, interface: 1)
      fixture.beat(from: 5, interface: 2)
    }
    fixture.pass(seconds: 1, hosts: [])
    let lines = frame(&fixture, columns: 80, rows: 24).lines
    #expect(lines[6].contains("10.0.0.5  eth0"))
    #expect(lines[7].contains("10.0.0.5  \\x1b[31m"))
  }

  @Test("without datagrams there is advice")
  func nothing() throws {
    var fixture = try WatchFixture()
    #expect(frame(&fixture, columns: 80, rows: 24).lines[6] == "nothing received yet")
    fixture.pass(seconds: 6, hosts: [])
    let lines = frame(&fixture, columns: 80, rows: 24, keys: false).lines
    #expect(lines[6] == "nothing received yet: mcastd doctor looks for the reason")
    #expect(lines[2] == "own beat  none heard from this host")
    #expect(lines[23] == "Ctrl-C quit")
  }

  @Test("scrolling is clamped, and the key selects the order")
  func scrolling() throws {
    var fixture = try WatchFixture()
    fixture.pass(seconds: 4, hosts: Array(2..<202))
    var view = LiveView(hasKeys: true)
    let renderer = FrameRenderer(style: .utf8)
    func draw() -> [String] {
      renderer.draw(fixture.model, &view, at: fixture.now, size: .standard).lines
    }
    #expect(draw()[6].contains("10.0.0.2 "))
    _ = view.press(.pageDown)
    #expect(draw()[6].contains("10.0.0.18 "))
    _ = view.press(.end)
    #expect(draw()[22].contains("10.0.0.201 ") && draw()[23].hasSuffix("184–200 of 200"))
    _ = view.press(.down)
    #expect(draw()[22].contains("10.0.0.201 "))
    _ = view.press(.character(UInt8(ascii: "s")))
    #expect(draw()[6].contains("10.0.0.2 ") && draw()[23].contains("sort: address"))
    _ = view.press(.up)
    #expect(draw()[6].contains("10.0.0.2 "))
    let quits = view.press(.character(UInt8(ascii: "q")))
    #expect(quits)
  }

  private func spaces(_ count: Int) -> String { String(repeating: " ", count: count) }
}
