// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Liveness
import Testing

@testable import Rules

struct ConditionParserTests {
  /// What is wrong with a condition, and at which byte.
  struct Wrong: Sendable, CustomTestStringConvertible {
    var text: String
    var offset: Int
    var problem: String
    var testDescription: String { "\(text.prefix(40))" }

    init(_ text: String, _ offset: Int, _ problem: String) {
      (self.text, self.offset, self.problem) = (text, offset, problem)
    }

    private static let grammar =
      "a condition must be [QUANTITY of HOST,...:] KEY OPERATOR VALUE, as in 2 of ups1,ups2,ups3: ups.status "
      + "has OB"
    private static let key =
      "it must be peer, or a reading: small letters, digits and ._- with a letter first and a dot in it, at "
      + "most 32 bytes, and not begin with test."
    private static let host =
      "is no host: it must be a name of letters, digits, dots and dashes, at most 63 bytes"
    private static let sign = "is no operator: it must be one of < <= > >= = != has lacks"
    private static let number =
      "is no number: < takes a decimal number with . and, where the reading has one, its unit, of % A C Hz V "
      + "VA W rpm s"
    private static let value = "is no value: it must be 1 to 256 bytes of printable ASCII"
    private static let state = "is no state of a peer: it must be one of alive, late, silent, left"
    private static let quantity = "is no quantity: it must be all, any or a number from 1 on"

    static let all = [
      Wrong("", 0, "is empty: \(grammar)"),
      Wrong(" \t", 2, "is empty: \(grammar)"),
      Wrong(
        "2 of ups1,ups2 ups.status has OB", 5,
        "ups1,ups2 ups.status has OB has no colon after the hosts: \(grammar)"),
      Wrong("some of ups1: ups.status has OB", 0, "some \(quantity)"),
      Wrong("0 of ups1: ups.status has OB", 0, "0 \(quantity)"),
      Wrong("-1 of ups1: ups.status has OB", 0, "-1 \(quantity)"),
      Wrong(
        "4 of ups1,ups2,ups3: ups.status has OB", 0,
        "4 of 3 hosts can never be: the number must be 1 to 3"),
      Wrong("2 of ups1: ups.status has OB", 0, "2 of 1 host can never be: the number must be 1 to 1"),
      Wrong("any of ups1,ups_2: ups.status has OB", 12, "ups_2 \(host)"),
      Wrong("any of : ups.status has OB", 7, "'' \(host)"),
      Wrong("any of ups1,,ups2: ups.status has OB", 12, "'' \(host)"),
      Wrong(
        "all of rack1, rack2,rack1: temp.inlet < 27C", 20,
        "rack1 is named twice, and would count twice: name each host once"),
      Wrong(
        "any of \((0...1000).map { "h\($0)" }.joined(separator: ",")): peer = silent", 7,
        "1001 hosts are too many: a condition has at most 1000"),
      Wrong(
        "all of rack1,rack*: temp.inlet < 27C", 13,
        "rack* is a pattern, which goes with any only: a host that was never heard would not count. Name each "
          + "host"),
      Wrong(
        "2 of rack1,rack*: temp.inlet < 27C", 11,
        "rack* is a pattern, which goes with any only: a host that was never heard would not count. Name each "
          + "host"),
      Wrong(
        "any of a*b*c*d*e*f: temp.inlet < 27C", 7,
        "a*b*c*d*e*f is no pattern: it must be letters, digits, dots and dashes with 1 to 4 *, at most 63 bytes"
      ),
      Wrong(
        "any of 10.0.0.5: temp.inlet < 27C", 7,
        "10.0.0.5 is an address, and readings are of hosts with a name: write the name= that the host has in "
          + "its mcastd.conf"),
      Wrong(
        "ups1: ups.status has OB", 0,
        "ups1: ups.status has OB does not say of how many hosts: write any of ups1: ups.status has OB"),
      Wrong("all of rack1: Temp.inlet < 27C", 14, "Temp.inlet is no key: \(key)"),
      Wrong("all of rack1: temp < 27C", 14, "temp is no key: \(key)"),
      Wrong("< 27C", 0, "'' is no key: \(key)"),
      Wrong("test.temp.inlet < 27C", 0, "test.temp.inlet is no key: \(key)"),
      Wrong("all of rack1: temp.inlet is 27C", 25, "is \(sign)"),
      Wrong("temp.inlet => 27C", 11, "=> \(sign)"),
      Wrong("temp.inlet", 10, "'' \(sign)"),
      Wrong("ups.status = \"OB DISCHRG", 13, "\"OB DISCHRG has no quote at its end"),
      Wrong("ups.status has", 14, "'' \(value)"),
      Wrong("ups.status = \"\"", 13, "'' \(value)"),
      Wrong("ups.status = Tür", 13, "Tür \(value)"),
      Wrong(
        "ups.status = ?", 13,
        "? is unknown, and nothing can be compared with it: it must be a number or words"
      ),
      Wrong("temp.inlet < 27F", 13, "27F \(number)"),
      Wrong("temp.inlet < 27,5", 13, "27,5 \(number)"),
      Wrong(
        "ups.status has OB DISCHRG", 15, "OB DISCHRG are several words: has takes one; write a line for each"),
      Wrong("any of rack1: peer has silent", 19, "has is no operator for peer: it must be = or !="),
      Wrong("any of rack1: peer = gone", 21, "gone \(state)"),
      Wrong("any of rack1: peer != unknown", 22, "unknown \(state)"),
      Wrong("peer = silent", 0, "peer is of other hosts: write any of HOST,...: peer = silent"),
    ]
  }

  @Test("what is wrong with a condition is said with its place and what is accepted", arguments: Wrong.all)
  func wrong(_ wrong: Wrong) {
    #expect(throws: ConditionParser.Fault(offset: wrong.offset, problem: wrong.problem)) {
      try ConditionParser.parse(wrong.text)
    }
  }

  @Test(
    "the text of a condition is a condition, and the same",
    arguments: [
      "2 of ups1,ups2,ups3: ups.status has OB", "all of rack1: temp.inlet < 27C", "temp.inlet >= -1.5C",
      "any of rack*,*-a,b: peer != alive", "any of fe80::,10.0.0.5: peer = silent", "a.b = two words",
      "a.b = \" blanks \"", "a.b = \"\"quoted\"\"", "a.b = \"quoted\"", "a.b = a\"b", "a.b lacks \\",
      "a.b = \"x\\\"",
    ])
  func text(_ text: String) throws {
    let condition = try ConditionParser.parse(text)
    #expect(try ConditionParser.parse(condition.text) == condition)
  }

  @Test("white space counts nowhere but in values")
  func blanks() throws {
    let condition = try ConditionParser.parse("  2  of\tups1 , ups2 :  ups.status   has  OB ")
    #expect(condition.text == "2 of ups1,ups2: ups.status has OB")
    #expect(try ConditionParser.parse("temp.inlet<27C").text == "temp.inlet < 27C")
  }
}
