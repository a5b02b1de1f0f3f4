// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Liveness
import Platform

/// Reads `[QUANTITY of HOST,…:] KEY OPERATOR VALUE`.
struct ConditionParser {
  /// What is wrong, and where in the text, in bytes.
  struct Fault: Error, Equatable {
    var offset: Int
    var problem: String
  }

  /// Hosts and patterns in one condition.
  static let mostHosts = 1000

  /// The grammar, worded to follow "must be".
  static let accepted =
    "[QUANTITY of HOST,...:] KEY OPERATOR VALUE, as in 2 of ups1,ups2,ups3: ups.status has OB"

  private let text: String
  private var rest: Substring

  private init(_ text: String) { (self.text, rest) = (text, text[...]) }

  /// The condition that a text is.
  static func parse(_ text: String) throws(Fault) -> RuleCondition {
    var parser = ConditionParser(text)
    return try parser.condition()
  }

  private mutating func condition() throws(Fault) -> RuleCondition {
    skipBlanks()
    guard !rest.isEmpty else { throw fault("is empty: a condition must be \(Self.accepted)") }
    guard let quantity = try takeQuantity() else {
      if rest.prefix(while: { !$0.isBlank }).last == ":" {
        throw fault(
          "\(quoted(rest)) does not say of how many hosts: write any of \(quoted(rest))")
      }
      let test = try takeTest()
      guard test.subject != .peer else {
        throw Fault(offset: 0, problem: "peer is of other hosts: write any of HOST,...: \(test)")
      }
      return RuleCondition(.any, of: .own, test)
    }
    let start = rest.startIndex
    guard let colon = colon() else {
      throw fault(
        "\(quoted(rest)) has no colon after the hosts: a condition must be \(Self.accepted)",
        at: start)
    }
    let (hosts, patterns) = try self.hosts(rest[..<colon], for: quantity)
    rest = rest[rest.index(after: colon)...]
    skipBlanks()
    let test = try takeTest()
    if case .number(let number) = quantity, number > hosts.count {
      throw fault(
        "\(number) of \(hosts.count) \(hosts.count == 1 ? "host" : "hosts") can never be: the number must be "
          + "1 to \(hosts.count)", at: text.startIndex)
    }
    if case .reading = test.subject, let address = hosts.first(where: { $0.name == nil }) {
      throw fault(
        "\(address) is an address, and readings are of hosts with a name: write the name= that the host has "
          + "in its mcastd.conf", at: start)
    }
    return RuleCondition(quantity, of: .others(hosts, patterns: patterns), test)
  }

  /// `all of`, `any of` or `2 of`; nil where the text begins otherwise.
  private mutating func takeQuantity() throws(Fault) -> RuleCondition.Quantity? {
    let start = rest.startIndex
    let word = rest.prefix { !$0.isBlank }
    let after = rest[word.endIndex...].drop { $0.isBlank }
    let isQuantity = after.hasPrefix("of") && after.dropFirst(2).first.map(\.isBlank) != false
    guard isQuantity else { return nil }
    rest = after.dropFirst(2)
    skipBlanks()
    switch word {
    case "all": return .all
    case "any": return .any
    default:
      guard let number = Quantity.whole(word), number > 0 else {
        throw fault(
          "\(quoted(word)) is no quantity: it must be all, any or a number from 1 on", at: start)
      }
      return .number(number)
    }
  }

  /// The colon after the hosts: one before a blank, for addresses have colons as well.
  private func colon() -> Substring.Index? {
    let colons = rest.indices.filter { rest[$0] == ":" }
    let isLast: (Substring.Index) -> Bool = { rest[rest.index(after: $0)...].first.map(\.isBlank) != false }
    return colons.first(where: isLast) ?? colons.first
  }

  private func hosts(
    _ list: Substring, for quantity: RuleCondition.Quantity
  ) throws(Fault) -> ([PeerSubject], [HostPattern]) {
    var (hosts, patterns, seen): ([PeerSubject], [HostPattern], Set<PeerSubject>) = ([], [], [])
    for untrimmed in list.split(separator: ",", omittingEmptySubsequences: false) {
      let item = untrimmed.drop { $0.isBlank }
      let text = item.trimmingBlanks()
      if item.contains("*") {
        guard quantity == .any else {
          throw fault(
            "\(quoted(text)) is a pattern, which goes with any only: a host that was never heard would not "
              + "count. Name each host", at: item.startIndex)
        }
        guard let pattern = HostPattern(text) else {
          throw fault(
            "\(quoted(text)) is no pattern: it must be letters, digits, dots and dashes with 1 to "
              + "\(HostPattern.mostStars) *, at most \(HostPattern.longest) bytes", at: item.startIndex)
        }
        patterns.append(pattern)
        continue
      }
      guard let host = PeerSubject(text) else {
        throw fault(
          "\(quoted(text)) is no host: it must be a name of letters, digits, dots and dashes, at most "
            + "\(HostName.longest) bytes", at: item.startIndex)
      }
      guard seen.insert(host).inserted else {
        throw fault("\(host) is named twice, and would count twice: name each host once", at: item.startIndex)
      }
      hosts.append(host)
    }
    guard hosts.count + patterns.count <= Self.mostHosts else {
      throw fault(
        "\(hosts.count + patterns.count) hosts are too many: a condition has at most \(Self.mostHosts)",
        at: list.startIndex)
    }
    return (hosts, patterns)
  }

  // MARK: The test

  private mutating func takeTest() throws(Fault) -> ReadingTest {
    let keyStart = rest.startIndex
    let key = rest.prefix { !$0.isBlank && !"<>=!".contains($0) }
    rest = rest[key.endIndex...]
    let subject = try subject(key, at: keyStart)
    skipBlanks()
    let start = rest.startIndex
    let comparison = try takeOperator()
    skipBlanks()
    let valueStart = rest.startIndex
    let value = try value(for: comparison)
    switch subject {
    case .peer: try checkPeer(comparison, at: start, value, at: valueStart)
    case .reading: try check(comparison, value, at: valueStart)
    }
    return ReadingTest(subject, comparison, value)
  }

  private func subject(_ key: Substring, at start: Substring.Index) throws(Fault) -> ReadingTest.Subject {
    if key == "peer" { return .peer }
    guard let reading = ReadingKey(key) else {
      throw fault(
        "\(quoted(key)) is no key: it must be peer, or a reading: \(ReadingKey.accepted)", at: start
      )
    }
    return .reading(reading)
  }

  private mutating func takeOperator() throws(Fault) -> ReadingTest.Operator {
    let start = rest.startIndex
    let sign = rest.prefix { "<>=!".contains($0) }
    let word = sign.isEmpty ? rest.prefix { !$0.isBlank } : sign
    guard let comparison = ReadingTest.Operator(rawValue: String(word)) else {
      let all = ReadingTest.Operator.allCases.map(\.rawValue).joined(separator: " ")
      throw fault("\(quoted(word)) is no operator: it must be one of \(all)", at: start)
    }
    rest = rest[word.endIndex...]
    return comparison
  }

  /// The rest of the text, or what stands in its quotes.
  private func value(for comparison: ReadingTest.Operator) throws(Fault) -> ReadingValue {
    var text = rest.trimmingBlanks()
    if text.hasPrefix("\"") {
      guard text.count > 1, text.hasSuffix("\"") else {
        throw fault("\(quoted(text)) has no quote at its end")
      }
      text = String(text.dropFirst().dropLast())
    }
    guard let value = ReadingValue(text) else {
      throw fault("\(quoted(text)) is no value: it must be \(ReadingValue.accepted)")
    }
    guard value != .unknown else {
      throw fault("? is unknown, and nothing can be compared with it: it must be a number or words")
    }
    return value
  }

  private func check(
    _ comparison: ReadingTest.Operator, _ value: ReadingValue, at start: Substring.Index
  ) throws(Fault) {
    let units = ReadingValue.units.sorted().joined(separator: " ")
    if comparison.isOrder, value.number == nil {
      throw fault(
        "\(quoted(value.text)) is no number: \(comparison.rawValue) takes a decimal number with . and, where "
          + "the reading has one, its unit, of \(units)", at: start)
    }
    if comparison.isOfWords, value.text.contains(" ") {
      throw fault(
        "\(quoted(value.text)) are several words: \(comparison.rawValue) takes one; write a line for each",
        at: start)
    }
  }

  private func checkPeer(
    _ comparison: ReadingTest.Operator, at start: Substring.Index, _ value: ReadingValue,
    at valueStart: Substring.Index
  ) throws(Fault) {
    guard comparison == .equal || comparison == .notEqual else {
      throw fault(
        "\(quoted(comparison.rawValue)) is no operator for peer: it must be = or !=", at: start)
    }
    let states = PeerState.allCases.filter { $0 != .unknown }.map(\.rawValue)
    guard states.contains(value.text) else {
      throw fault(
        "\(quoted(value.text)) is no state of a peer: it must be one of \(states.joined(separator: ", "))",
        at: valueStart)
    }
  }

  // MARK: Text

  private mutating func skipBlanks() { rest = rest.drop { $0.isBlank } }

  private func fault(_ problem: String, at place: Substring.Index? = nil) -> Fault {
    Fault(
      offset: text.utf8.distance(from: text.startIndex, to: place ?? rest.startIndex), problem: problem)
  }
}

extension Character {
  fileprivate var isBlank: Bool { self == " " || self == "\t" }
}
