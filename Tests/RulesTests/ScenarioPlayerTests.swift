// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Liveness
import Platform
import Testing

@testable import Rules

struct ScenarioPlayerTests {
  /// What happens, in short: `30s active`, `30s FAILED pending`.
  private func play(_ ruleText: String, _ text: String) throws -> [String] {
    let rule = try rule(ruleText)
    let scenario = try ScenarioParser.parse(Array(text.utf8), path: "outage", rules: [rule.name])
    var told: [String] = []
    ScenarioPlayer.play(scenario, [rule]) { event in
      switch event {
      case .transition(let transition, let time):
        told.append("\(ScenarioTime.text(time)) \(transition.isDrill ? "would-be " : "")\(transition.to)")
      case .unexpected(let expectation, let time, let report):
        told.append("\(ScenarioTime.text(time)) FAILED \(expectation.state), but \(report.state)")
      case .end: break
      }
    }
    return told
  }

  private func play(_ text: String) throws -> [String] { try play(fansOff, text) }

  /// Three UPS and two racks, on battery from 20 s on.
  private let outage = """
    0s ups1,ups2,ups3 ups.status=OL
    0s rack1,rack2 temp.inlet=22C
    20s ups1,ups2 ups.status="OB DISCHRG"

    """

  @Test("the scenario of the documentation holds to the second")
  func example() throws {
    let text = """
      29s expect fans-off pending
      30s expect fans-off active
      60s rack1 silent
      69s expect fans-off releasing
      70s expect fans-off inactive

      """
    #expect(
      try play(outage + text) == ["20s pending", "30s active", "64.001s releasing", "69.001s inactive"])
  }

  @Test("an expectation that does not hold is told with the state that is, and the rest goes on")
  func unexpected() throws {
    #expect(
      try play(
        outage + "29s expect fans-off active\n30s expect fans-off active\n40s expect fans-off inactive")
        == [
          "20s pending", "29s FAILED active, but pending", "30s active", "40s FAILED inactive, but active",
        ])
  }

  @Test("power that comes back releases, and so does a rack that gets hot, but nothing between")
  func hysteresis() throws {
    #expect(
      try play(outage + "50s rack1 temp.inlet=28.4C\n120s ups1 ups.status=OL\n")
        == ["20s pending", "30s active", "120s releasing", "125s inactive"])
    #expect(
      try play(outage + "50s rack1 temp.inlet=30.1C\n52s rack1 temp.inlet=29.9C\n60s rack1 temp.inlet=30C")
        == ["20s pending", "30s active", "50s releasing", "52s active", "60s releasing", "65s inactive"])
  }

  @Test(
    "what is not known never makes it active",
    arguments: [
      "0s ups1,ups2,ups3 ups.status=OL\n0s rack1 temp.inlet=22C\n20s ups1,ups2 ups.status=OB",
      "0s ups1,ups2 ups.status=OB\n0s rack1,rack2 temp.inlet=72F",
      "0s ups1,ups2 ups.status=OB\n0s rack1,rack2 temp.inlet=?",
      "0s ups1,ups2 ups.status=OB\n0s rack1,rack2 temp.inlet=22",
      "0s ups1,ups2 ups.status=OB\n0s rack1,rack2 unauthenticated temp.inlet=22C",
      "0s ups1 ups.status=OB\n0s rack1,rack2 temp.inlet=22C",
    ])
  func unknown(_ text: String) throws {
    #expect(try play(text) == [])
  }

  @Test("with on-unknown=hold a rack may be silent for as long as hold-for says")
  func hold() throws {
    let rule = fansOff.replacing("on-unknown=release", with: "on-unknown=hold\nhold-for=30s")
    #expect(
      try play(rule, outage + "60s rack1 silent")
        == ["20s pending", "30s active", "94.001s releasing", "99.001s inactive"])
    #expect(
      try play(rule, outage + "60s rack1 silent\n80s rack1 alive\n200s expect fans-off active")
        == ["20s pending", "30s active"])
  }

  @Test("power that flaps slowly suspends it after the third pair")
  func flips() throws {
    let lines = (0..<8).map {
      "\(20 + 20 * $0)s ups1,ups2,ups3 ups.status=\($0.isMultiple(of: 2) ? "OB" : "OL")"
    }
    let text = outage + lines.joined(separator: "\n")
    #expect(
      try play(text) == [
        "20s pending", "30s active", "40s releasing", "45s inactive", "60s pending", "70s active",
        "80s releasing", "85s inactive", "100s pending", "110s active", "120s releasing", "125s suspended",
      ])
  }

  @Test("a rule that wants signatures takes no less, and one that wants none takes anything")
  func authenticity() throws {
    let signed = "when=any of a: x.y = 1\nfor=2s\nauthenticated=signed"
    #expect(try play(signed, "0s a x.y=1") == [])
    #expect(
      try play(signed, "0s a signed x.y=1\n10s a silent") == [
        "0s pending", "2s active", "14.001s releasing", "16.001s inactive",
      ])
    #expect(
      try play("when=any of a: x.y = 1\nfor=2s\nauthenticated=no", "0s a unauthenticated x.y=1") == [
        "0s pending", "2s active",
      ])
  }

  @Test("peers are judged as the daemon judges them, unless the scenario says how they are")
  func peers() throws {
    let rule = "when=any of rack1,10.0.0.5: peer = silent\nfor=0s\nauthenticated=no"
    let alone = try play(rule, "0s rack1,rack2,10.0.0.5 alive\n10s rack1 silent\n40s rack1 alive")
    #expect(alone == ["14.05s active", "41s inactive"])
    // A network that is silent accuses nobody.
    #expect(try play(rule, "0s rack1,rack2,10.0.0.5 alive\n10s rack1,rack2,10.0.0.5 silent") == [])
    #expect(try play(rule, "0s rack1,rack2,10.0.0.5 alive\n10s rack1 left") == [])
    #expect(
      try play(rule, "0s rack1,10.0.0.5 alive\n10s 10.0.0.5 peer=silent\n20s 10.0.0.5 alive")
        == ["10s active", "20s inactive"])
  }

  @Test("this host says what it says, and never gets stale")
  func own() throws {
    #expect(
      try play("when=temp.inlet >= 30C\nfor=10s", "5s this temp.inlet=31C\n60s this temp.inlet=24C")
        == ["5s pending", "15s active", "60s releasing", "70s inactive"])
  }

  @Test("a drill shows what would be, and changes nothing")
  func drill() throws {
    let text = """
      0s ups1,ups2,ups3 ups.status=OL
      0s rack1,rack2 temp.inlet=22C
      5s ups1,ups2 test.ups.status=OB
      15s expect fans-off would-be active
      15s expect fans-off inactive
      20s ups1,ups2 test.ups.status=
      """
    #expect(try play(text) == ["5s would-be pending", "15s would-be active", "20s would-be inactive"])
  }

  @Test("a host counts from its first line on, and a pattern names it from then on")
  func patterns() throws {
    let rule = "when=any of rack*: temp.inlet >= 30C\nfor=1s\nfresh=3s"
    #expect(
      try play(rule, "0s ups1 ups.status=OL\n10.5s rack7 temp.inlet=31C\n20s rack7 silent")
        == ["10.5s pending", "11.5s active", "22.001s releasing", "23.001s inactive"])
  }
}
