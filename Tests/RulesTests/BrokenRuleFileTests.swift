// SPDX-License-Identifier: Apache-2.0

import Platform
import Testing

@testable import Rules

/// Files as operators get them wrong, with all that they are told.
struct BrokenRuleFileTests {
  struct Broken: Sendable, CustomTestStringConvertible {
    var what: String
    var text: String
    var name = "fans-off.rule"
    var told: [String]
    var testDescription: String { what }

    static let all = [
      Broken(
        what: "no conditions", text: "description=nothing\nfor=10s\n",
        told: [
          ": has no when=: it must be at least one [QUANTITY of HOST,...:] KEY OPERATOR VALUE, as in 2 of "
            + "ups1,ups2,ups3: ups.status has OB"
        ]),
      Broken(
        what: "a misspelt key", text: "# fans\nwen=all of rack1: temp.inlet < 27C\n",
        told: [
          ":2:5: wen is no key of a rule, did you mean when?: it must be one of description, when, for, until, "
            + "fresh, authenticated, state, release-for, on-unknown, hold-for, flip-limit, dry-run"
        ]),
      Broken(
        what: "a section", text: "[Rule]\nwhen=all of rack1: temp.inlet < 27C\n",
        told: [":2:6: when stands below [rule]: remove that line, a rule has no sections"]),
      Broken(
        what: "times without units, too long and none",
        text: "when=temp.inlet < 27C\nfor=10\nrelease-for=-1s\nhold-for=32d\nfresh=0s\n",
        told: [
          ":2:5: for: 10 is not accepted: it must be a time with a unit, as in 10s or 5min, at most 744h",
          ":3:13: release-for: -1s is not accepted: it must be a time with a unit, as in 10s or 5min, at most "
            + "744h",
          ":4:10: hold-for: 32d is not accepted: it must be a time with a unit, as in 10s or 5min, at most 744h",
          ":5:7: fresh: 0s is not accepted: it must be a time with a unit, as in 10s or 5min, more than 0, at "
            + "most 744h",
        ]),
      Broken(
        what: "a limit that is none", text: "when=temp.inlet < 27C\nflip-limit=1/1h\n",
        told: [
          ":2:12: flip-limit: 1/1h is not accepted: it must be how often the state may be entered or left, 2 "
            + "to 1000, and within which time, 1s to 744h, as in 6/1h"
        ]),
      Broken(
        what: "choices that are none",
        text: "when=temp.inlet < 27C\nauthenticated=maybe\non-unknown=ignore\ndry-run=1\nstate=Fans Off\n",
        told: [
          ":2:15: authenticated: maybe is not accepted: it must be yes or no or signed",
          ":3:12: on-unknown: ignore is not accepted: it must be release or hold",
          ":4:9: dry-run: 1 is not accepted: it must be yes or no",
          ":5:7: state: Fans Off is not accepted: it must be 1 to 64 of a-z, 0-9 and -",
        ]),
      Broken(
        what: "a key twice", text: "for=5s\nwhen=temp.inlet < 27C\nfor=10s\n",
        told: [":3:5: for stands in line 1 already: write it once"]),
      Broken(
        what: "a condition that goes on in the next line",
        text: "when=2 of ups1,ups2,\\\n  ups_3: ups.status has OB\n",
        told: [
          ":2:3: when: ups_3 is no host: it must be a name of letters, digits, dots and dashes, at most 63 bytes"
        ]),
      Broken(
        what: "a unit that nobody sends",
        text: "when=all of rack1: temp.inlet < 80F\nuntil=any of rack*: temp.inlet >= 86F\n",
        told: [
          ":1:33: when: 80F is no number: < takes a decimal number with . and, where the reading has one, its "
            + "unit, of % A C Hz V VA W rpm s",
          ":2:35: until: 86F is no number: >= takes a decimal number with . and, where the reading has one, "
            + "its unit, of % A C Hz V VA W rpm s",
        ]),
      Broken(
        what: "lines that are none", text: "when temp.inlet < 27C\nwhen=temp.inlet < 27C\nkey here=1\n",
        told: [
          ":1: expected key=value, [section] or a comment",
          ":3: a name is 1–64 letters, digits, dots, dashes and underscores, not key here",
        ]),
      Broken(
        what: "a name that no unit may have", text: "when=temp.inlet < 27C\n", name: "Fans_off.rule",
        told: [": the name of a rule's file must be 1 to 64 of a-z, 0-9 and -, and .rule"]),
      Broken(
        what: "too long", text: String(repeating: "#\n", count: 32_769),
        told: [": a rule has at most 64KiB"]),
    ]
  }

  @Test("of a broken file all is said that is wrong, with its places", arguments: Broken.all)
  func broken(_ broken: Broken) throws {
    let path = "/etc/mcastd/rules.d/\(broken.name)"
    let error = #expect(throws: RuleFileError.self) {
      try RuleFile.parse(Array(broken.text.utf8), path: path)
    }
    #expect(error?.faults.map(\.description) == broken.told.map { path + $0 })
  }

  @Test("a rule has at most 64 conditions, and of many errors 32 are told and the rest counted")
  func bounds() throws {
    let line = "until=temp.inlet < 27C\n"
    let text = "when=temp.inlet < 27C\n" + String(repeating: line, count: 63)
    #expect(try rule(text).conditions.count == 64)
    let more = #expect(throws: RuleFileError.self) { try rule(text + line + line) }
    #expect(more?.faults.map(\.line) == [65])
    let many = #expect(throws: RuleFileError.self) { try rule(String(repeating: "x=1\n", count: 40)) }
    #expect(many?.faults.count == 33)
    #expect(many?.faults.last?.problem == "8 more errors")
  }
}
