// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Testing

@testable import Daemon

struct DoctorReportTests {
  private static func finding(_ status: DoctorFinding.Status) -> DoctorFinding {
    DoctorFinding(
      status: status, check: "port", interface: nil, found: "held by x\u{1b}[31m\ny[1]", meaning: "bad",
      action: "stop it")
  }

  @Test(
    "a line has the status, the check, what was found, what it means and what to do, and no control characters"
  )
  func writesLine() {
    #expect(
      Self.finding(.problem).line
        == "problem  port            held by x\\x1b[31m\\ny[1] — bad; stop it")
    let ok = DoctorFinding(status: .ok, check: "route", interface: "eth0", found: "fine")
    #expect(ok.line == "ok       route           eth0: fine")
  }

  @Test(
    "warnings and problems are faults, what could not be seen is none",
    arguments: [(DoctorFinding.Status.ok, Int32(0)), (.unknown, 0), (.warning, 1), (.problem, 1)])
  func decidesExit(status: DoctorFinding.Status, expected: Int32) {
    #expect(DoctorReport(findings: [Self.finding(.ok), Self.finding(status)]).exitStatus == expected)
  }

  @Test("JSON has the fields under their names, and none for what is not there")
  func writesJSON() throws {
    let report = DoctorReport(findings: [
      Self.finding(.warning), DoctorFinding(status: .ok, check: "ttl", interface: "eth0", found: "1"),
    ])
    let decoded = try JSONDecoder().decode([[String: String]].self, from: Data(report.json.utf8))
    #expect(
      decoded == [
        [
          "status": "warning", "check": "port", "found": "held by x\u{1b}[31m\ny[1]", "meaning": "bad",
          "action": "stop it",
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
}
