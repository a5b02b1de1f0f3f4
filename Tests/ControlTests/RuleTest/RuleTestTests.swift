// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Heartbeat
import Platform
import Rules
import TestSupport
import Testing

@testable import Control

/// What `mcastd rules test` prints, and its exit status.
struct RuleTestTests {
  private let directory: TemporaryDirectory

  init() throws {
    directory = try TemporaryDirectory()
    try write(
      """
      when=2 of ups1,ups2,ups3: ups.status has OB
      when=all of rack1: temp.inlet < 27C
      for=10s
      until=2 of ups1,ups2,ups3: ups.status has OL
      release-for=5s
      """, to: "fans-off.rule")
  }

  private func write(_ text: String, to name: String) throws {
    try directory.write(name, text)
  }

  private func path(_ name: String) -> String { "\(directory.path)/\(name)" }

  /// Lines are collected, with the path of the directory left out.
  private func run(
    json: Bool = false, _ body: (inout RuleTest) -> Int32
  ) -> (status: Int32, output: String, errors: String) {
    var (output, errors) = ("", "")
    var test = RuleTest(
      json: json,
      output: RuleTest.Output(
        print: { output += "\($0)" }, printError: { errors += "\($0)\n" }))
    let status = body(&test)
    let folder = directory.path + "/"
    return (status, output.replacing(folder, with: ""), errors.replacing(folder, with: ""))
  }

  private let outage = """
    0s ups1,ups2,ups3 ups.status=OL
    0s rack1 temp.inlet=22C
    20s ups1,ups2 ups.status="OB DISCHRG"
    30s expect fans-off active

    """

  @Test("a scenario that holds is told with what decided, and is a success")
  func success() throws {
    try write(outage, to: "outage")
    let (status, output, errors) = run { $0.play(path("outage"), through: path("fans-off.rule")) }
    #expect(status == 0 && errors == "")
    #expect(
      output == """
        20s  fans-off is pending, was inactive
          when  T  2 of ups1,ups2,ups3: ups.status has OB
                  T  ups1  OB DISCHRG
                  T  ups2  OB DISCHRG
          when  T  all of rack1: temp.inlet < 27C
                  T  rack1  22C
        30s  fans-off is active, was pending
          when  T  2 of ups1,ups2,ups3: ups.status has OB
                  T  ups1  OB DISCHRG
                  T  ups2  OB DISCHRG
          when  T  all of rack1: temp.inlet < 27C
                  T  rack1  22C
        51s  end: 1 expectation met, 2 changes of state

        """)
  }

  @Test("an expectation that does not hold is told with all that the rule finds, and fails")
  func failure() throws {
    try write(
      outage + "40s rack1 temp.inlet=99F\n40s ups2 silent\n45s expect fans-off active\n", to: "outage")
    let (status, output, _) = run { $0.play(path("outage"), through: path("fans-off.rule")) }
    #expect(status == 1)
    let start = try #require(output.firstRange(of: "44.001s")).lowerBound
    #expect(
      output[start...] == """
        44.001s  fans-off is releasing, was active
          until U  2 of ups1,ups2,ups3: ups.status has OL
                  U  ups2  OB DISCHRG  not heard for too long
        45s  FAILED outage:7:12: fans-off should be active, and is releasing since 44.001s
          when  U  2 of ups1,ups2,ups3: ups.status has OB
                  T  ups1  OB DISCHRG
                  U  ups2  OB DISCHRG  not heard for too long
                  F  ups3  OL
          when  U  all of rack1: temp.inlet < 27C
                  U  rack1  99F  this is of another type
          until U  2 of ups1,ups2,ups3: ups.status has OL
                  F  ups1  OB DISCHRG
                  U  ups2  OB DISCHRG  not heard for too long
                  T  ups3  OL
        49.001s  fans-off is inactive, was releasing
          until U  2 of ups1,ups2,ups3: ups.status has OL
                  U  ups2  OB DISCHRG  not heard for too long
        66s  end: 1 of 2 expectations FAILED, 4 changes of state

        """)
  }

  @Test("JSON has an object a line, of transitions and of what was not expected")
  func json() throws {
    try write(outage + "35s expect fans-off pending\n", to: "outage")
    let (status, output, _) = run(json: true) { $0.play(path("outage"), through: path("fans-off.rule")) }
    #expect(status == 1)
    let objects = try output.split(separator: "\n").map {
      try JSONDecoder().decode(JSONValue.self, from: Data($0.utf8))
    }
    try #require(objects.count == 3)
    #expect(objects[1]["rule"]?.text == "fans-off" && objects[1]["to"]?.text == "active")
    #expect(objects[1]["time"]?.text == "30s" && objects[1]["usec"]?.integer == 30_000_000)
    let line = objects[1]["conditions"]?.elements?.first
    #expect(line?["condition"]?.text == "2 of ups1,ups2,ups3: ups.status has OB")
    #expect(line?["kind"]?.text == "when" && line?["result"]?.text == "T" && line?["more"] == nil)
    #expect(line?["hosts"]?.elements?.first?["value"]?.text == "OB DISCHRG")
    #expect(objects[2]["expected"]?.text == "pending" && objects[2]["found"]?.text == "active")
    #expect(objects[2]["line"]?.integer == 5 && objects[2]["to"] == nil)
  }

  @Test("all that is wrong with rule and scenario is told at once, and so is a file that is not there")
  func errors() throws {
    try write("when=temp.inlet < 27\nfor=1\n", to: "broken.rule")
    try write("0 a silent\n1s expect broken on\n", to: "broken")
    let (status, output, errors) = run { $0.play(path("broken"), through: path("broken.rule")) }
    #expect(status == 78 && output == "")
    #expect(
      errors.split(separator: "\n").map { $0.prefix { $0 != " " } } == [
        "broken.rule:2:5:", "broken:1:1:", "broken:2:18:",
      ])
    let missing = run { $0.play(path("none"), through: path("none.rule")) }
    #expect(missing.status == 78)
    #expect(missing.errors.split(separator: "\n").count == 2)
    #expect(run { $0.replay(path("none"), name: nil, through: path("fans-off.rule")) }.status == 78)
    #expect(run { $0.replay(path("none"), name: nil, through: path("none.rule")) }.status == 78)
  }

  @Test("a rule is a path, or a name in the directory of rules")
  func paths() {
    #expect(RuleTest.path(of: "fans-off", in: "/r") == "/r/fans-off.rule")
    for path in ["fans-off.rule", "./fans-off", "/x/fans-off.rule"] {
      #expect(RuleTest.path(of: path, in: "/r") == path)
    }
  }

  // MARK: The journal

  private func line(_ words: String, at second: Int, auth: String? = "ok") -> String {
    let auth = auth.map { "\"MCAST_AUTH\":\"\($0)\"," } ?? ""
    let words = words.replacing("\"", with: "\\\"")
    return "{\"MCAST_KIND\":\"heartbeat\",\(auth)\"MCAST_INTERFACE\":\"eth0\",\"MCAST_SOURCE\":\"10.0.0.5\","
      + "\"MCAST_RECEIVED_USEC\":\"\(1_795_996_800_000_000 + second * 1_000_000)\",\"_HOSTNAME\":\"db1\","
      + "\"MCAST_PAYLOAD\":\"ATU 2026-11-30 00:00:\(second < 10 ? "0" : "")\(second).000000 \(words)\"}\n"
  }

  private func journal(auth: String? = "ok") -> String {
    (0..<40).map { second in
      let status = second < 20 ? "OL" : "\"OB DISCHRG\""
      return (1...3).map { number in
        line(
          "host=ups\(number) run=1 seq=\(second + 1) every=1s state=\(second < 20 ? 1 : 2) ups.status=\(status)",
          at: second, auth: auth)
      }.joined() + line("host=rack1 run=1 seq=\(second + 1) every=1s temp.inlet=22C", at: second, auth: auth)
    }.joined()
  }

  @Test("a journal is played in its own time, and what is no heartbeat is counted")
  func replay() throws {
    try write(
      journal()
        + "no JSON\n{\"MCAST_KIND\":\"datagram\"}\n{\"MCAST_KIND\":\"heartbeat\",\"MCAST_PAYLOAD\":null}\n"
        + "{\"MCAST_KIND\":\"heartbeat\"}\n", to: "journal")
    let (status, output, errors) = run {
      $0.replay(path("journal"), name: nil, through: path("fans-off.rule"))
    }
    #expect(status == 0 && errors == "")
    let heads = output.split(separator: "\n").filter { !$0.hasPrefix(" ") }
    // In the zone of the machine.
    let times = [20, 30, 39, 0].map { ReplayText.time((1_795_996_800 + $0) * 1_000_000_000) }
    #expect(
      heads == [
        "\(times[0])  fans-off is pending, was inactive", "\(times[1])  fans-off is active, was pending",
        "\(times[2])  end: 160 heartbeats since \(times[3]), 2 changes of state",
        "left out: other entries (1), lines that are no JSON (1), payloads that journalctl shows with --all "
          + "only (1), entries without all fields (1)",
      ])
  }

  @Test("a journal without MCAST_AUTH is told once, where the rule asks for it")
  func unchecked() throws {
    try write(journal(auth: nil), to: "journal")
    let (status, output, _) = run { $0.replay(path("journal"), name: nil, through: path("fans-off.rule")) }
    #expect(status == 0)
    #expect(output.split(separator: "\n").count { $0.hasPrefix("No heartbeat has MCAST_AUTH") } == 1)
    #expect(output.split(separator: "\n").count == 2)
  }

  @Test("a journal without heartbeats says how to get them, and one without this host how to name it")
  func empty() throws {
    try write("{\"MCAST_KIND\":\"datagram\"}\n", to: "journal")
    let (status, output, _) = run { $0.replay(path("journal"), name: nil, through: path("fans-off.rule")) }
    #expect(status == 0)
    #expect(output.hasPrefix("no heartbeats\nleft out: other entries (1)\nCall it as in: journalctl "))
    try write("when=temp.inlet < 27C\nfor=1s\n", to: "own.rule")
    try write(journal(), to: "journal")
    let own = run { $0.replay(path("journal"), name: nil, through: path("own.rule")) }
    #expect(own.output.contains("No heartbeat of this host (db1) is there"))
    let named = run { $0.replay(path("journal"), name: HostName("rack1"), through: path("own.rule")) }
    #expect(named.output.contains("own is active, was pending"))
    #expect(!named.output.contains("No heartbeat of this host"))
  }
}
