// SPDX-License-Identifier: Apache-2.0

import Facts
import Heartbeat
import Liveness
import Platform

/// Reads scenarios: lines `TIME HOST,… DEED…` and `TIME expect RULE STATE` (mcastd.rule(5)).
package struct ScenarioParser {
  /// Bytes of the largest file.
  package static let largestSize = 1 << 20
  /// Hosts of a scenario.
  static let mostHosts = 1000
  /// The last moment that a line may name, in nanoseconds: a week.
  static let longest: Int64 = 7 * 24 * 3_600_000_000_000

  private typealias Word = ScenarioWords.Word

  private let rules: Set<RuleName>
  private var scenario: Scenario
  private var faults: [RuleFault] = []
  private var line = 0
  /// What hosts say, to see whether it fits a heartbeat.
  private var said: [PeerSubject: [Reading.ID: ReadingValue]] = [:]
  private var now: Int64 = 0

  private init(_ rules: Set<RuleName>, path: String) {
    self.rules = rules
    scenario = Scenario(path: path)
  }

  /// Reads a file.
  ///
  /// - Parameters:
  ///   - bytes: All that it has, or one more than `largestSize`.
  ///   - path: Of the file, for errors.
  ///   - rules: The names of those that are played.
  /// - Throws: All that is wrong with it.
  package static func parse(
    _ bytes: [UInt8], path: String, rules: Set<RuleName>
  ) throws(RuleFileError) -> Scenario {
    guard bytes.count <= largestSize else {
      throw RuleFileError([
        RuleFault(path: path, problem: "a scenario has at most \(Quantity.bytesText(largestSize))")
      ])
    }
    var parser = ScenarioParser(rules, path: path)
    for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      parser.line += 1
      guard let text = String(validating: line, as: UTF8.self) else {
        parser.add("is not UTF-8 text", at: 0)
        break
      }
      parser.take(text[...])
    }
    guard parser.faults.isEmpty else { throw RuleFileError(parser.faults) }
    return parser.scenario
  }

  private mutating func take(_ text: Substring) {
    let words: [Word]
    do throws(ScenarioWords.Unclosed) {
      words = try ScenarioWords.divided(text)
    } catch {
      return add("a quote begins here and does not end: write \" at its end", at: error.column)
    }
    guard let first = words.first else { return }
    guard let time = time(first) else { return }
    let end = columnAfter(words.last ?? first)
    guard words.count > 1 else {
      return add("nothing happens at \(first.text): a line must be \(Self.accepted)", at: end)
    }
    if Quantity.nanoseconds(String(words[1].text)) != nil, words.count > 2, !isDeed(words[2]) {
      add(
        "\(first.text) \(words[1].text) has a blank: write the time as one word, as in 1min30s",
        at: columnAfter(first))
    } else if words[1].text == "expect" {
      expect(words[2...], at: time, end: end)
    } else {
      takeHosts(words[1], words[2...], at: time, end: end)
    }
  }

  /// A line, worded to follow "must be".
  static let accepted = "TIME HOST,... KEY=VALUE..., or TIME expect RULE STATE"

  private mutating func time(_ word: Word) -> Int64? {
    guard let time = Quantity.nanoseconds(String(word.text)).flatMap({ Int64(exactly: $0) }),
      time <= Self.longest
    else {
      add(
        "\(quoted(word.text)) is no time: it must be one from the beginning with a unit and without blanks, "
          + "as in 0s, 90s or 1min30s, at most \(Self.longest / 3_600_000_000_000)h", at: word.column)
      return nil
    }
    guard time >= now else {
      add(
        "\(quoted(word.text)) goes back: it must not be before the time of the line before, "
          + "\(ScenarioTime.text(now))", at: word.column)
      return nil
    }
    now = time
    return time
  }

  // MARK: Expectations

  private mutating func expect(_ words: ArraySlice<Word>, at time: Int64, end: Int) {
    guard let name = words.first else {
      return add("expects nothing: write expect RULE STATE", at: end)
    }
    guard let rule = RuleName(name.text), rules.contains(rule) else {
      return add(
        "\(quoted(name.text)) is no rule that is tested: it must be "
          + rules.sorted().map(\.text).joined(separator: " or "), at: name.column)
    }
    var rest = words.dropFirst()
    let isDrill = rest.first.map { $0.text == Self.drillWord } ?? false
    if isDrill { rest = rest.dropFirst() }
    guard let word = rest.first, let state = RuleMachine.State(rawValue: String(word.text)) else {
      return add(
        "\(quoted(rest.first?.text ?? "")) is no state: it must be one of "
          + RuleMachine.State.allCases.map(\.rawValue).joined(separator: ", "), at: rest.first?.column ?? end)
    }
    if let more = rest.dropFirst().first {
      return add(
        "\(quoted(more.text)) is too much: a line expects one state of one rule", at: more.column)
    }
    var expectation = Scenario.Expectation(rule: rule, state: state, line: line, column: name.column)
    expectation.isDrill = isDrill
    scenario.lines.append(Scenario.Line(time: time, step: .expect(expectation)))
  }

  /// Before the state in which a rule would be.
  static let drillWord = "would-be"

  // MARK: Hosts

  private mutating func takeHosts(
    _ list: Word, _ words: ArraySlice<Word>, at time: Int64, end: Int
  ) {
    let before = faults.count
    let hosts = hosts(list)
    guard !words.isEmpty else {
      return add(
        "\(quoted(list.text)) do nothing: write KEY=VALUE or one of "
          + Self.deedWords.joined(separator: ", "), at: end)
    }
    let deeds = words.compactMap { deed($0) }
    guard faults.count == before else { return }
    for host in hosts {
      for (deed, word) in zip(deeds, words) where !check(deed, of: host, word) { return }
    }
    scenario.lines.append(Scenario.Line(time: time, step: .hosts(hosts, deeds)))
  }

  private mutating func hosts(_ list: Word) -> [PeerSubject] {
    var hosts: [PeerSubject] = []
    var column = list.column
    for item in list.text.split(separator: ",", omittingEmptySubsequences: false) {
      defer { column += item.utf8.count + 1 }
      guard let host = PeerSubject(item) else {
        add(
          "\(quoted(item)) is no host: it must be names of letters, digits, dots and dashes with commas and "
            + "no blanks between, or \(Scenario.ownWord) for this host", at: column)
        continue
      }
      guard !hosts.contains(host) else {
        add("\(host) is named twice: name each host once", at: column)
        continue
      }
      hosts.append(host)
      guard said[host] == nil else { continue }
      said[host] = [:]
      if said.count == Self.mostHosts + 1 {
        add("\(host) is one too many: a scenario has at most \(Self.mostHosts) hosts", at: column)
      }
    }
    return hosts
  }

  /// What hosts do, beside `KEY=VALUE`.
  private static let deeds: [(word: String, deed: Scenario.Deed)] = [
    ("alive", .beat), ("silent", .fallSilent), ("left", .leave), ("authenticated", .prove(.ok)),
    ("signed", .prove(.signed)), ("unauthenticated", .prove(.none)),
  ]
  static var deedWords: [String] { deeds.map(\.word) + ["peer=STATE"] }

  private func isDeed(_ word: Word) -> Bool {
    word.text.contains("=") || Self.deeds.contains { $0.word == word.text }
  }

  private mutating func deed(_ word: Word) -> Scenario.Deed? {
    if let deed = Self.deeds.first(where: { $0.word == word.text }) { return deed.deed }
    guard let equals = word.text.firstIndex(of: "=") else {
      add(
        "\(quoted(word.text)) is nothing that a host does: it must be KEY=VALUE or one of "
          + Self.deedWords.joined(separator: ", "), at: word.column)
      return nil
    }
    let key = word.text[..<equals]
    let rest = word.text[word.text.index(after: equals)...]
    let column = word.column + key.utf8.count + 1
    if key == "peer" {
      guard let state = PeerState(rawValue: String(rest)) else {
        add(
          "\(quoted(rest)) is no state of a peer: it must be one of "
            + PeerState.allCases.map(\.rawValue).joined(separator: ", "), at: column)
        return nil
      }
      return .appear(state)
    }
    guard let id = Reading.ID(word: key),
      !id.isDrill || id.key.text.utf8.count <= ReadingKey.longestOfDrill
    else {
      add(
        "\(quoted(key)) is no key: it must be peer, or a reading: \(ReadingKey.accepted), or that after "
          + "\(ReadingKey.drillPrefix) for a drill, at most \(ReadingKey.longestOfDrill) bytes",
        at: word.column)
      return nil
    }
    if rest.isEmpty { return .say(id, nil) }
    guard let text = ScenarioWords.value(rest), let value = ReadingValue(text)
    else {
      add(
        "\(quoted(rest)) is no value: it must be \(ReadingValue.accepted), in quotes where there are blanks, "
          + "quotes (\\\") or backslashes (\\\\)", at: column)
      return nil
    }
    return .say(id, value)
  }

  /// Whether a host can do this.
  private mutating func check(_ deed: Scenario.Deed, of host: PeerSubject, _ word: Word) -> Bool {
    let isOwn = host.name == Scenario.ownName
    guard case .say(let id, let value) = deed else {
      if isOwn {
        add(
          "\(quoted(word.text)) is nothing that this host does: after \(Scenario.ownWord) it must be "
            + "KEY=VALUE", at: word.column)
      }
      return !isOwn
    }
    guard let name = host.name else {
      add(
        "\(host) is an address, and a host without a name says no readings: it must be silent, alive, left "
          + "or peer=STATE", at: word.column)
      return false
    }
    said[host, default: [:]][id] = value
    let readings = said[host, default: [:]].map { Reading($0.key, $0.value) }
    guard ReadingWords.composed(readings, room: ScenarioHost.room(of: name)).leftOut.isEmpty else {
      add(
        "with \(id.word) \(host) says more than fits a heartbeat: at most \(ReadingWords.most) readings and "
          + "\(Heartbeat.largestSize) bytes", at: word.column)
      return false
    }
    return true
  }

  // MARK: Faults

  /// The column after a word.
  private func columnAfter(_ word: Word) -> Int { word.column + word.text.utf8.count }

  private mutating func add(_ problem: String, at column: Int) {
    faults.append(RuleFault(path: scenario.path, line: line, column: column, problem: problem))
  }
}
