// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Heartbeat
@testable import Platform
@testable import Watch

/// What hosts say, in the live view.
@Suite("readings in the live view")
struct WatchReadingsTests {
  private func frame(
    _ fixture: WatchFixture, columns: Int = 80, rows: Int = 24, style: TerminalStyle = .utf8
  ) -> Screen {
    var view = LiveView(hasKeys: true)
    return FrameRenderer(style: style).draw(
      fixture.model, &view, at: fixture.now, size: TerminalSize(columns: columns, rows: rows))
  }

  /// The style of the first cell of a text in a row.
  private func style(of text: String, in row: Int, _ screen: Screen) throws -> CellStyle {
    let start = try #require(screen.lines[row].firstRange(of: text)?.lowerBound, "\(screen.lines[row])")
    let column = screen.lines[row].distance(from: screen.lines[row].startIndex, to: start)
    return screen.row(row)[screen.row(row).startIndex + column].style
  }

  /// Two hosts for 32 s; the power of ups1 fails 12 s before the end, and it gets warmer.
  private func powerFailure() throws -> WatchFixture {
    var fixture = try WatchFixture()
    for second in 0..<32 {
      let status = second < 20 ? "OL" : "\"OB DISCHRG\""
      fixture.say(
        [
          "ups1": "temp.inlet=\(22 + second / 10).5C ups.load=40% ups.status=\(status)",
          "ups2": "temp.inlet=21.0C ups.status=OL",
        ], seconds: 1)
    }
    return fixture
  }

  @Test("80×24: beneath the row of each host stand its readings, numbers with their last minute")
  func standard() throws {
    let lines = frame(try powerFailure()).lines
    #expect(lines[6].hasPrefix("● alive   ups1        1.0s    1s "))
    #expect(lines[7] == "          temp.inlet 25.5C          ▂▂▄▄▆▆█  ups.load 40%              ▅▅▅▅▅▅▅")
    #expect(lines[8] == "          ups.status OB DISCHRG was OL, 12s ago")
    #expect(lines[9].hasPrefix("● alive   ups2 "))
    #expect(lines[10] == "          temp.inlet 21.0C          ▅▅▅▅▅▅▅  ups.status OL")
    #expect(lines[11..<23].allSatisfy { $0.isEmpty })
    #expect(lines[23] == "q quit   s sort: state   r readings: auto")
  }

  @Test("80×9: what changed stays longest")
  func low() throws {
    let lines = frame(try powerFailure(), rows: 9).lines
    #expect(lines[4].hasPrefix("● alive   ups1 ") && lines[6].hasPrefix("● alive   ups2 "))
    #expect(lines[5] == " +2 more  ups.status OB DISCHRG was OL, 12s ago")
    #expect(lines[7] == "          temp.inlet 21.0C          ▅▅▅▅▅▅▅  ups.status OL")
  }

  @Test("80×24 in a plain locale is the same in ASCII")
  func plain() throws {
    let lines = frame(try powerFailure(), style: .plain).lines
    #expect(lines.allSatisfy { $0.utf8.allSatisfy { $0 < 0x7f } })
    #expect(lines[7] == "          temp.inlet 25.5C          ..--++#  ups.load 40%              =======")
    #expect(lines[8] == "          ups.status OB DISCHRG was OL, 12s ago")
  }

  @Test("120 columns have three readings a line, and 40 have one")
  func widths() throws {
    let fixture = try powerFailure()
    let wide = frame(fixture, columns: 120).lines
    #expect(wide[10] == "          temp.inlet 21.0C           ▅▅▅▅▅▅▅  ups.status OL")
    #expect(wide[8] == "          ups.status OB DISCHRG was OL, 12s ago")
    let small = frame(fixture, columns: 40).lines
    #expect(small[7] == "          temp.inlet 25.5C          ▂▄▆█")
    #expect(small[8] == "          ups.load 40%              ▅▅▅▅")
    #expect(small[9] == "          ups.status OB DISCHRG")
  }

  @Test("a change is bold for a minute, and what it was before is there for ten")
  func changes() throws {
    var fixture = try powerFailure()
    var screen = frame(fixture)
    #expect(try style(of: "OB DISCHRG", in: 8, screen) == .bold)
    #expect(try style(of: "OL", in: 10, screen) == .plain)
    let hosts = ["ups1": "ups.status=\"OB DISCHRG\"", "ups2": "ups.status=OL"]
    fixture.say(hosts, seconds: 48)
    screen = frame(fixture)
    #expect(screen.lines[7] == "          ups.status OB DISCHRG was OL, 1m00s ago")
    #expect(try style(of: "OB DISCHRG", in: 7, screen) == .plain)
    fixture.say(hosts, seconds: 540)
    #expect(frame(fixture).lines[7] == "          ups.status OB DISCHRG")
  }

  @Test("a number is none that changed, but one that becomes unknown is")
  func numbersThatChange() throws {
    var fixture = try WatchFixture()
    fixture.say(["a": "temp.in=20C"], seconds: 3)
    fixture.say(["a": "temp.in=30C"], seconds: 3)
    #expect(
      frame(fixture, columns: 60).lines[7] == "          temp.in 30C                                    ▂▆█")
    fixture.say(["a": "temp.in=?"], seconds: 3)
    let screen = frame(fixture)
    #expect(screen.lines[7] == "          temp.in ? was 30C, 3s ago")
    #expect(try style(of: "?", in: 7, screen) == CellStyle(colour: .yellow, weight: .bold))
  }

  @Test("readings of a host that is not heard are dim and have the word, and its numbers end")
  func stale() throws {
    var fixture = try WatchFixture()
    let other = "ups.status=OL"
    fixture.say(["a": "temp.in=20C", "b": other], seconds: 30)
    for _ in 0..<10 {
      fixture.say(other, "b", from: 6)
      fixture.pass(seconds: 1, hosts: [])
    }
    let screen = frame(fixture)
    #expect(screen.lines[6].hasPrefix("○ silent  a "))
    #expect(screen.lines[7] == "          temp.in 20C stale       ▅▅▅▅▅▅▅")
    #expect(try style(of: "20C", in: 7, screen) == .dim && style(of: "stale", in: 7, screen) == .dim)
    #expect(screen.lines[9] == "          ups.status OL")
  }

  @Test("a drill stands after the true one, with the word")
  func drill() throws {
    var fixture = try WatchFixture()
    fixture.say(["a": "test.ups.status=LB ups.status=OL"], seconds: 3)
    let screen = frame(fixture)
    #expect(screen.lines[7] == "          ups.status OL                      ups.status LB drill")
    #expect(try style(of: "drill", in: 7, screen) == CellStyle(colour: .yellow, weight: .bold))
  }

  @Test("what is not authentic has the word, where the watcher has the keys")
  func unauthenticated() throws {
    let keys = "k1 hmac-sha256 \(SealedSender.secrets[0])"
    let proof = WatchedProof(
      try SealedSender.ring(keys), group: SealedSender.group, capacity: 100, zone: .utc, now: 0)
    var fixture = try WatchFixture(proof: proof)
    fixture.say(["a": "ups.status=OL"], seconds: 3)
    let screen = frame(fixture)
    #expect(screen.lines[7] == "          ups.status OL unauthenticated")
    #expect(try style(of: "unauth", in: 7, screen) == CellStyle(colour: .yellow, weight: .bold))
  }

  @Test("a host with many readings has six lines, of power and temperature first, and says how many more")
  func many() throws {
    var fixture = try WatchFixture()
    let fans = (10..<60).map { "fan.f\($0)=\($0)rpm" }
    fixture.say(
      ["a": (fans + ["net.up=yes", "temp.in=20C", "ups.status=OL"]).joined(separator: " ")], seconds: 3)
    let lines = frame(fixture).lines
    #expect(lines[7] == "          fan.f10 10rpm                   ▅  fan.f11 11rpm                   ▅")
    #expect(lines[8] == "          fan.f12 12rpm                   ▅  fan.f13 13rpm                   ▅")
    #expect(lines[12] == "+41 more  temp.in 20C                     ▅  ups.status OL")
    #expect(lines[13].isEmpty)
    var view = LiveView(hasKeys: true)
    view.readings = .all
    let three = FrameRenderer(style: .utf8).draw(
      fixture.model, &view, at: fixture.now, size: .standard
    ).lines
    #expect(three[9].hasPrefix("+47 more  temp.in 20C") && three[10].isEmpty)
  }

  @Test("the own beat has what this host says, and who has no name or was heard once says nothing")
  func own() throws {
    var fixture = try WatchFixture()
    fixture.pass(seconds: 2, hosts: [9])
    fixture.say(["self": "temp.in=20C test.temp.in=30C", "t": "temp.in=1C"], seconds: 1)
    fixture.say(["self": "temp.in=21C test.temp.in=30C"], seconds: 3)
    let lines = frame(fixture).lines
    let beat = "own beat  ● 1.0s ago · every 1s · from 10.0.0.1 · temp.in 21C"
    #expect(lines[2] == beat)
    #expect(frame(fixture, columns: 81).lines[2] == beat + " · temp.in 30C drill")
    #expect(lines[6].contains("10.0.0.9 ") && lines[7].isEmpty)
    #expect(lines[23] == "q quit   s sort: state")
  }

  @Test("a host that is heard on two interfaces has its readings once")
  func twoInterfaces() throws {
    var fixture = try WatchFixture(interfaces: ["eth0", "eth1"])
    fixture.say(["a": "ups.status=OL"], seconds: 3, on: [1, 2])
    let lines = frame(fixture).lines
    #expect(lines[6].contains("a ") && lines[6].contains(" eth0 "))
    #expect(lines[7] == "          ups.status OL")
    #expect(lines[8].contains("a ") && lines[8].contains(" eth1 "))
    #expect(lines[9].isEmpty)
  }

  @Test("values as long as can be stay in their places, with what they are worth in sight, and are escaped")
  func longest() throws {
    var fixture = try WatchFixture()
    let long = String(repeating: "\\\\ ", count: 85)
    let key = "k." + String(repeating: "y", count: 25)
    fixture.say(
      ["a": "a.a=1 \(key)=\"\(long)\" test.\(key)=\"\(long)\" z.z=\(String(repeating: "9", count: 200))"],
      seconds: 3)
    for columns in [12, 33, 40, 80, 120, 200] {
      let screen = frame(fixture, columns: columns)
      let lines = screen.lines
      let drill = try #require(lines.first { $0.contains("drill") || columns == 12 }, "\(lines)")
      #expect(drill.unicodeScalars.count <= columns)
      if columns >= 80 {
        #expect(drill.contains("yyy… \\\\ \\\\") || columns > 80, "\(drill)")
        #expect(lines[7].hasPrefix("          a.a 1 "))
      }
      #expect(
        screen.cells.allSatisfy { Escape.isPrintableASCII($0.character) || Glyphs.contains($0.character) })
    }
  }

  @Test("memory is bounded: only what peers in the table say is known, and it is forgotten with them")
  func bounded() throws {
    var fixture = try WatchFixture(capacity: 100)
    let words = (0..<64).map { "k.k\($0)=\($0)" }.joined(separator: " ")
    for round in 0..<3 {
      for host in 0..<300 { fixture.say(words + " k.round=\(round)", "h\(host)", from: 5 + host) }
      fixture.pass(seconds: 1, hosts: [])
    }
    #expect(fixture.model.peers.counts.total == 100)
    #expect(fixture.model.readings.hostCount == 100)
    #expect(fixture.model.readings.historyCount == 100 * 64)
    fixture.join([])
    fixture.join([], awaited: [])
    fixture.pass(seconds: 10, hosts: [])
    #expect(fixture.model.readings.hostCount == 0)
    #expect(fixture.model.readings.historyCount == 0)
  }
}
