// SPDX-License-Identifier: Apache-2.0

import Rules

private let rules = [
  (
    "fans-off",
    "when=2 of a,b,c: ups.status has OB\nuntil=any of a*: temp.inlet >= 30C\nfor=2s\nflip-limit=3/1min"
  ),
  ("page", "when=any of a,10.0.0.5: peer = silent\nfor=0s\nauthenticated=no\non-unknown=hold\nhold-for=9s"),
  ("own", "when=temp.inlet >= 30C\nwhen=all of b: x.y != on\nfor=1s\nrelease-for=0s\nfresh=2s"),
].map { name, text in
  guard let rule = try? RuleFile.parse(Array(text.utf8), path: "\(name).rule") else {
    preconditionFailure("no rule")
  }
  return rule
}

/// Longer ones are only read: to play them takes too long.
private let longest = 600
private let latest: Int64 = 200_000_000_000

/// Whatever a scenario has: errors name places that are there, and what is played goes from state to state in
/// the order of time, as rules go.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let file = Array(UnsafeBufferPointer(start: bytes, count: count))
  do throws(RuleFileError) {
    let scenario = try ScenarioParser.parse(file, path: "scenario", rules: Set(rules.map(\.name)))
    if count <= longest, scenario.end <= latest { play(scenario) }
  } catch {
    let lines = file.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    precondition(!error.faults.isEmpty)
    for fault in error.faults {
      precondition((0...lines.count).contains(fault.line), "\(fault)")
      guard fault.line > 0 else { continue }
      precondition((0...lines[fault.line - 1].count + 1).contains(fault.column), "\(fault)")
    }
  }
  return 0
}

private func play(_ scenario: Scenario) {
  var states: [RuleName: RuleMachine.State] = [:]
  var now: Int64 = 0
  var unexpected = 0
  var isOver = false
  ScenarioPlayer.play(scenario, rules) { event in
    precondition(!isOver)
    switch event {
    case .transition(let transition, let time):
      precondition(time >= now, "\(transition)")
      now = time
      precondition(transition.from != transition.to)
      guard !transition.isDrill else { return }
      precondition(transition.from == states[transition.rule] ?? .inactive, "\(transition)")
      states[transition.rule] = transition.to
    case .unexpected(let expectation, let time, let report):
      unexpected += 1
      precondition(time >= now && (expectation.isDrill || report.state != expectation.state))
      precondition(report.state == states[report.rule.name] ?? .inactive)
    case .end(let time):
      precondition(time >= now)
      isOver = true
    }
  }
  precondition(isOver && unexpected <= scenario.expectationCount)
}
