// SPDX-License-Identifier: Apache-2.0

import Platform
import Testing

@testable import Watch

@Suite("values of the live view")
struct WatchValueTests {
  private let second: Int64 = 1_000_000_000
  private let start: Int64 = 7000 * 1_000_000_000

  @Test("a steady sender is a level line at any phase of its beats")
  func levelLine() {
    var history = PaceHistory(firstBeatAt: start + 900_000_000)
    for beat in 1...70 {
      // To and fro over the edge of a second.
      history.note(beatAt: start + Int64(beat) * second + 900_000_000 + (beat % 2 == 0 ? 110_000_000 : 0))
    }
    let shares = history.shares(parts: 60, until: start + 71 * second + 200_000_000, interval: second)
    #expect(shares.allSatisfy { share in share.map { abs($0 - 1) < 0.15 } ?? false }, "\(shares)")
  }

  @Test("a lost beat is a dip, silence the bottom, and before the first beat nothing is known")
  func dips() {
    var history = PaceHistory(firstBeatAt: start)
    for beat in 1...20 where beat != 10 { history.note(beatAt: start + Int64(beat) * second) }
    let shares = history.shares(parts: 60, until: start + 30 * second, interval: second)
    // The last part is second 30, which just begins.
    #expect(shares[28] == nil && shares[29] == 1)
    #expect(shares[38] == 0.5 && shares[39] == 0.5 && shares[40] == 1)
    #expect(shares[49] == 1 && shares[50] == 0 && shares[58] == 0)
    let coarse = history.shares(parts: 12, until: start + 30 * second, interval: second)
    #expect(coarse.compactMap { $0 }.count == 6)
  }

  @Test("the history is a minute, over any pause")
  func oneMinute() {
    var history = PaceHistory(firstBeatAt: start)
    for beat in 1...30 { history.note(beatAt: start + Int64(beat) * second) }
    history.note(beatAt: start + 86_400 * second)
    let shares = history.shares(parts: 60, until: start + 86_400 * second, interval: second)
    #expect(shares.compactMap { $0 }.allSatisfy { $0 < 0.001 })
  }

  @Test("the rate is that of the last five whole seconds")
  func rate() throws {
    var traffic = Traffic(startedAt: start)
    #expect(traffic.rate(at: start + second / 2) == nil)
    for tenth in 1..<100 { traffic.note(bytes: 30, at: start + Int64(tenth) * second / 10) }
    let rate = try #require(traffic.rate(at: start + 10 * second))
    #expect(rate == (10, 300))
    let later = try #require(traffic.rate(at: start + 13 * second))
    #expect(later == (4, 120))
    #expect(try #require(traffic.rate(at: start + 1000 * second)) == (0, 0))
    #expect(traffic.datagrams == 99)
  }

  @Test(
    "durations in few characters",
    arguments: [
      (0, "0.0ms"), (149_999, "0.1ms"), (9_949_999, "9.9ms"), (9_950_000, "10ms"), (999_499_999, "999ms"),
      (999_500_000, "1.0s"), (59_900_000_000, "59.9s"), (3_599_000_000_000, "59m"),
      (3_600_000_000_000, "1h00m"),
      (19_800_000_000_000, "5h30m"), (41_400_000_000_000, "11.5h"), (9_000_000_000_000_000, "104d"),
    ] as [(Int64, String)])
  func spans(nanoseconds: Int64, text: String) {
    #expect(ShortDuration.span(nanoseconds) == text)
    #expect(ShortDuration.signed(-nanoseconds).hasSuffix(text))
  }

  @Test(
    "intervals do not flicker",
    arguments: [
      (99_400_000, "100ms"), (100_300_000, "100ms"), (998_700_000, "1s"), (1_004_000_000, "1s"),
      (2_510_000_000, "2.5s"), (10_020_000_000, "10s"), (90_000_000_000, "1m30s"),
      (3_600_000_000_000, "1h00m"),
    ] as [(Int64, String)])
  func intervals(nanoseconds: Int64, text: String) {
    #expect(ShortDuration.interval(nanoseconds) == text)
  }

  @Test("the clock of a sender may be wrong by any number of years")
  func anyOffset() throws {
    var fixture = try WatchFixture()
    for year in ["0001-01-01", "9999-12-31"] {
      for second in 10..<14 {
        fixture.pass(seconds: 1, hosts: [])
        fixture.datagram(Array("ATU \(year) 00:00:\(second).000000".utf8), from: year == "0001-01-01" ? 8 : 9)
      }
    }
    fixture.pass(seconds: 1, hosts: [])
    var view = LiveView(hasKeys: true)
    let lines = FrameRenderer(style: .utf8).draw(
      fixture.model, &view, at: fixture.now, size: .standard
    ).lines
    #expect(lines.contains { $0.contains("10.0.0.8") && $0.contains("+106751d") }, "\(lines)")
  }

  @Test("keys are found in pieces, and unknown sequences mean nothing")
  func keys() {
    var reader = KeyReader()
    func pressed(_ text: String) -> [PressedKey] { reader.read(Array(text.utf8)) }
    let quit = PressedKey.character(UInt8(ascii: "q"))
    var keys = pressed("s\u{1b}[A\u{1b}OB\u{1b}[6~q")
    #expect(keys == [.character(UInt8(ascii: "s")), .up, .down, .pageDown, quit])
    keys = pressed("\u{1b}") + pressed("[") + pressed("H")
    #expect(keys == [.home])
    keys = pressed("\u{1b}[1;5Cq")
    #expect(keys == [quit])
    keys = pressed("\u{1b}q")
    #expect(keys == [quit])
    keys = pressed("\u{1b}[999999999999q")
    #expect(keys.last == quit)
  }

  @Test("the environment selects the character set and colours")
  func environment() throws {
    func style(_ variables: [String: String]) -> TerminalStyle? { TerminalStyle { variables[$0] } }
    #expect(style([:]) == nil && style(["TERM": "dumb"]) == nil && style(["TERM": ""]) == nil)
    #expect(style(["TERM": "xterm"]) == TerminalStyle(glyphs: .ascii, coloured: true))
    #expect(style(["TERM": "xterm", "LANG": "de_DE.UTF-8"])?.glyphs == .utf8)
    #expect(style(["TERM": "xterm", "LANG": "en_US.utf8", "LC_ALL": ""])?.glyphs == .utf8)
    #expect(style(["TERM": "xterm", "LANG": "C.UTF-8", "LC_ALL": "C"])?.glyphs == .ascii)
    #expect(style(["TERM": "xterm", "NO_COLOR": "1"])?.coloured == false)
    #expect(style(["TERM": "xterm", "NO_COLOR": ""])?.coloured == true)
  }

  @Test("memory is bounded: a hundred thousand sources and datagrams leave no more than the table holds")
  func bounded() throws {
    var fixture = try WatchFixture(capacity: 100)
    for host in 2..<50_002 {
      fixture.beat(from: host)
      fixture.datagram([1, 2, 3], from: host)
    }
    fixture.pass(seconds: 1, hosts: [])
    for host in 2..<50_002 { fixture.beat(from: host) }
    fixture.pass(seconds: 1, hosts: [])
    #expect(fixture.model.peers.counts.total == 100)
    #expect(fixture.model.others.count == RecentDatagrams.capacity)
    #expect(fixture.model.others.total == 50_000)
    #expect(fixture.model.summary(at: fixture.now.monotonic).hasSuffix("; 100 peers alive"))
  }
}
