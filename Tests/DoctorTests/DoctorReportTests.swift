// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc
import Platform
import Testing

@testable import Doctor

struct DoctorReportTests {
  private static func finding(_ status: DoctorFinding.Status) -> DoctorFinding {
    DoctorFinding(
      status: status, check: "port", interface: nil, found: "held by x\u{1b}[31m\ny[1]", meaning: "bad",
      actions: ["stop it", "or \u{9b}leave"])
  }

  @Test("a finding is a line, and a line for each action, without control characters")
  func writesLines() {
    #expect(
      DoctorText(width: nil).lines(Self.finding(.problem)) == [
        #"problem  port            held by x\x1b[31m\ny[1] — bad"#,
        "                         → stop it",
        #"                         → or \x9bleave"#,
      ])
    let ok = DoctorFinding(status: .ok, check: "route", interface: "e\u{1b}0", found: "fine")
    #expect(DoctorText(width: nil).lines(ok) == [#"ok       route           e\x1b0: fine"#])
  }

  @Test("a terminal's lines are broken between words, and go on below their text")
  func wraps() {
    let finding = DoctorFinding(
      status: .warning, check: "route", found: "239.1.1.1 is routed to eth1", meaning: "mcastd uses eth0",
      actions: ["ip route add 224.0.0.0/4 dev eth0"])
    #expect(
      DoctorText(width: 50).lines(finding) == [
        "warning  route           239.1.1.1 is routed to",
        "                         eth1 — mcastd uses eth0",
        "                         → ip route add",
        "                           224.0.0.0/4 dev eth0",
      ])
    // A third of the line is not enough for text.
    #expect(
      DoctorText(width: 30).lines(finding) == [
        "warning  route",
        "  239.1.1.1 is routed to eth1",
        "  — mcastd uses eth0",
        "  → ip route add 224.0.0.0/4",
        "    dev eth0",
      ])
  }

  @Test(
    "no line of any width is longer but for a word that is, and the words stay the same", arguments: 1...120)
  func keepsWords(width: Int) {
    let finding = Self.finding(.problem)
    let lines = DoctorText(width: width).lines(finding)
    let words = lines.flatMap { $0.split(separator: " ") }
    #expect(words == DoctorText(width: nil).lines(finding).flatMap { $0.split(separator: " ") })
    for line in lines.dropFirst() where line.unicodeScalars.count > width {
      #expect(line.split(separator: " ").filter { $0 != "→" }.count == 1)
    }
    let head = "problem  port"
    #expect(lines[0].unicodeScalars.count <= width || lines[0] == head, "\(lines)")
  }

  @Test("what is no terminal has no width, and a terminal its own")
  func knowsWidth() throws {
    var ends: [Int32] = [-1, -1]
    #expect(pipe(&ends) == 0)
    defer { for end in ends { close(end) } }
    #expect(DoctorText(descriptor: ends[1]).width == nil)
    var (main, terminal): (Int32, Int32) = (-1, -1)
    var size = winsize(ws_row: 24, ws_col: 72, ws_xpixel: 0, ws_ypixel: 0)
    #expect(openpty(&main, &terminal, nil, nil, &size) == 0)
    defer {
      close(main)
      close(terminal)
    }
    #expect(DoctorText(descriptor: terminal).width == 72)
  }

  @Test(
    "the last line counts what was found",
    arguments: [
      ([DoctorFinding.Status.ok, .ok], "sound"), ([.ok, .unknown], "sound, 1 not known"),
      ([.warning], "1 warning"), ([.problem, .warning, .problem, .problem], "3 problems, 1 warning"),
      ([.warning, .warning, .unknown, .unknown], "2 warnings, 2 not known"), ([], "sound"),
    ])
  func summarises(statuses: [DoctorFinding.Status], expected: String) {
    #expect(DoctorText(width: nil).summary(DoctorReport(findings: statuses.map(Self.finding))) == expected)
  }

  @Test(
    "0 for sound, or not known, 1 for warnings only, 2 for problems",
    arguments: [
      ([DoctorFinding.Status.ok], 0), ([.unknown], 0), ([.ok, .warning], 1), ([.problem], 2),
      ([.problem, .warning, .unknown], 2), ([], 0),
    ])
  func decidesExit(statuses: [DoctorFinding.Status], expected: Int) {
    #expect(DoctorReport(findings: statuses.map(Self.finding)).exitStatus == Int32(expected))
  }

  @Test("JSON has the fields under their names, none for what is not there, and no control characters")
  func writesJSON() throws {
    let report = DoctorReport(findings: [
      Self.finding(.warning), DoctorFinding(status: .ok, check: "ttl", interface: "eth0", found: "1"),
    ])
    #expect(
      report.json.description.unicodeScalars.allSatisfy {
        $0 == "\n" || $0.value >= 0x20 && !(0x7f..<0xa0 ~= $0.value)
      })
    let decoded = try JSONDecoder().decode([[String: String]].self, from: Data(report.json.utf8))
    #expect(
      decoded == [
        [
          "status": "warning", "check": "port", "found": "held by x\u{1b}[31m\ny[1]", "meaning": "bad",
          "action": "stop it; or \u{9b}leave",
        ],
        ["status": "ok", "check": "ttl", "interface": "eth0", "found": "1"],
      ])
  }

  @Test("the names of checks are words for scripts, each once")
  func namesChecks() {
    let names = DoctorCheck.all.map(\.name)
    #expect(Set(names).count == names.count)
    #expect(names.allSatisfy { $0.allSatisfy { $0.isLowercase || $0 == "-" } })
  }

  @Test(
    "a word of a command is quoted where a shell would see more in it",
    arguments: [
      ("eth0.100", "eth0.100"), ("a;b", "'a;b'"), ("it's", #"'it'\''s'"#), ("", "''"),
      ("e\u{1b}[31m", #"$'e\x1b[31m'"#), ("\u{9b}'\\", #"$'\u009b\'\\'"#),
    ])
  func quotes(word: String, expected: String) {
    #expect(ShellWord(word).text == expected)
  }

  @Test("the dots of an interface's name are slashes in a key of sysctl")
  func namesSysctl() {
    #expect("eth0.100".asSysctlPart == "eth0/100")
  }
}
