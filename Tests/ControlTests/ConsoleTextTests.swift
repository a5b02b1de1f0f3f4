// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Testing

@testable import Control
@testable import Platform
@testable import Settings

/// A name that an interface can have, and what it is shown as.
private let hostile = "e\u{1b}[31m\u{9b}x\u{202e}\n\ty"
private let shown = #"e\x1b[31m\x9bx\u{202e}\n\x09y"#

struct ConsoleTextTests {
  @Test("what is written in the source is layout, and what is interpolated is one line of plain text")
  func interpolation() {
    let text: ConsoleText = "a\t\(hostile)\n"
    #expect(text.description == "a\t" + shown + "\n")
    let twice: ConsoleText = "\(text)\(3)·"
    #expect(twice.description == "a\t" + shown + "\n3·")
    #expect((text + text).description == text.description + text.description)
  }

  @Test("invalid UTF-8 never reaches a terminal")
  func invalid() {
    let name = String(decoding: [0x65, 0xff, 0xc2, 0x9b] as [UInt8], as: UTF8.self)
    let text: ConsoleText = "\(name)"
    #expect(text.description == "e\u{fffd}\\x9b")
  }

  @Test("of lines the newlines and tabs stay and nothing else that moves the cursor")
  func lines() {
    #expect(ConsoleText(lines: "a\n\tb\r\u{1b}\n\n").description == "a\n\tb\\x0d\\x1b\n\n")
  }

  @Test("JSON stays JSON with the same value")
  func json() throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .prettyPrinted
    let text = ConsoleText(json: String(decoding: try encoder.encode([hostile]), as: UTF8.self))
    #expect(text.utf8.contains(0x0a))
    #expect(text.description.unicodeScalars.allSatisfy { $0 == "\n" || (0x20..<0x7f).contains($0.value) })
    #expect(try JSONDecoder().decode([String].self, from: Data(text.utf8)) == [hostile])
  }

  @Test("columns are as wide as what is shown, and lines end where their text ends")
  func table() {
    #expect(
      ConsoleText.table([["A", "B", ""], ["\(hostile)", "b", "c"], ["ä"]]).description
        == "A" + String(repeating: " ", count: shown.count + 1) + "B\n\(shown)  b  c\nä\n")
  }

  @Test("check shows every key with its value and origin, in columns")
  func check() throws {
    let settings = try Settings.load(
      SettingsSources(environment: ["MCASTD_GROUP": "239.7.7.7"], standardFile: "/nonexistent/mcastd.conf"))
    let lines = Check.table(settings).description.split(separator: "\n")
    #expect(lines.count == Key.allCases.count)
    #expect(lines[0] == "group                239.7.7.7               MCASTD_GROUP in the environment")
    #expect(lines[6] == "publish.group        239.7.7.7               MCASTD_GROUP in the environment")
    #expect(lines[1] == "port                 5001                    default")
  }

  @Test("a name that is hostile is shown escaped in status and peers, in every field that has one")
  func replies() throws {
    let membership = StatusReply.Membership(
      group: hostile, port: 1, interface: hostile, interfaceIndex: 1, sources: [hostile])
    let status = StatusReply(
      version: hostile, startedUsec: 0, uptimeUsec: 0, status: hostile, received: 0, logged: 0, summarised: 0,
      queued: 0,
      kernelDropped: 0, truncated: 0, foreign: 0, unauthenticated: 0, replayed: 0, sent: 0, sendFailed: 0,
      peers: StatusReply.Peers(alive: 0, late: 0, silent: 0, left: 0, unknown: 0),
      conditions: [ConditionReply(condition: "no-carrier", interface: hostile, sinceUsec: 0)],
      sendingOn: [hostile], memberships: [membership], waitingFor: [hostile], config: hostile,
      settings: ["group": StatusReply.Setting(value: hostile, origin: hostile, source: "file")],
      keys: [hostile])
    let text = status.text().description
    #expect(text.split(separator: shown).count - 1 == 11)
    #expect(text.contains("member of: \(shown):1 on"))
    #expect(
      text.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 0x20 && $0 != "\u{9b}" && $0 != "\u{202e}" })
    let peer = PeerReply(
      host: hostile, address: hostile, interface: hostile, port: 1, state: hostile, auth: hostile,
      lastHeardUsec: 0,
      ageUsec: 0,
      intervalUsec: 0, silentAfterBeats: 5, silentAfterUsec: 5_050_000, beats: 0, missed: 0, missedHere: 0,
      duplicates: 0, reordered: 0, restarts: 0,
      clockSteps: 0, jitterUsec: 0, offsetUsec: 0, note: hostile)
    let peers = PeersReply(peers: [peer], networkSilent: false, refused: 0).text().description
    #expect(peers.split(separator: shown).count - 1 == 6 || peers.hasSuffix(shown + "\n"))
    #expect(peers.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 0x20 && $0 != "\u{9b}" })
  }
}
