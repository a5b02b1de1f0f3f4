// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Liveness
import Testing

@testable import Rules

/// The rule of a text, as a file of this name.
func rule(_ text: String, name: String = "fans-off") throws(RuleFileError) -> Rule {
  try RuleFile.parse(Array(text.utf8), path: "/etc/mcastd/rules.d/\(name).rule")
}

/// The mission's example.
let fansOff = """
  description=On battery and cool: stop the fans, spare the UPS
  # all of these must hold, for so long without a break
  when=2 of ups1,ups2,ups3: ups.status has OB
  when=all of rack1,rack2: temp.inlet < 27C
  for=10s
  # any of these ends it; in between nothing changes
  until=2 of ups1,ups2,ups3: ups.status has OL
  until=any of rack1,rack2: temp.inlet >= 30C
  release-for=5s
  # what is not known is not fine
  on-unknown=release
  """

struct RuleFileTests {
  @Test("the rule of the documentation is read as it is meant")
  func example() throws {
    let rule = try rule(fansOff)
    #expect(rule.name.text == "fans-off")
    #expect(rule.state == rule.name)
    #expect(rule.description == "On battery and cool: stop the fans, spare the UPS")
    #expect(
      rule.when.map(\.text) == [
        "2 of ups1,ups2,ups3: ups.status has OB", "all of rack1,rack2: temp.inlet < 27C",
      ])
    #expect(
      rule.until.map(\.text) == [
        "2 of ups1,ups2,ups3: ups.status has OL", "any of rack1,rack2: temp.inlet >= 30C",
      ])
    #expect(rule.holdsFor == 10_000_000_000)
    #expect(rule.releasesFor == 5_000_000_000)
    #expect(rule.onUnknown == .release)
    #expect(rule.terms.authenticated == .yes)
    #expect(rule.flipLimit == Rule.FlipLimit(count: 6, span: 3_600_000_000_000))
  }
}
