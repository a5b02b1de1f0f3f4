// SPDX-License-Identifier: Apache-2.0

import Liveness
import Platform

/// A condition with what it finds of each of its hosts.
struct RuleLine: Sendable {
  /// What is found of a host, in four bytes: a thousand rules may each ask a thousand hosts.
  struct Mark: Equatable, Sendable {
    /// `perhaps` for unknown.
    var result = Ternary.perhaps
    /// The same where values for practice stand in the place of true ones.
    var drillResult = Ternary.perhaps
    var isDrill = false
    /// Whether it counts: a host that only a pattern names counts while there is one.
    var counts = true
  }

  /// Of how many it is so.
  struct Tally: Equatable, Sendable {
    private var yes = 0
    private var unknown = 0
    private var total = 0

    mutating func add(_ result: Ternary, _ count: Int) {
      total += count
      switch result {
      case .yes: yes += count
      case .perhaps: unknown += count
      case .no: break
      }
    }

    mutating func replace(_ old: Ternary, by new: Ternary) {
      guard old != new else { return }
      add(old, -1)
      add(new, 1)
    }

    /// Whether it is so of as many as are needed.
    ///
    /// - Parameters:
    ///   - needed: Nil for all.
    ///   - extra: How many are unknown besides.
    func quorum(_ needed: Int?, unknown extra: Int) -> Ternary {
      let needed = needed ?? total
      if yes >= needed { return .yes }
      return yes + unknown + extra < needed ? .no : .perhaps
    }
  }

  let condition: RuleCondition
  /// What it asks, as a place in the `Rulebook`.
  var question: Int32 = 0
  /// Whether it is one of `until`.
  let isUntil: Bool
  /// By member: the places of hosts in the `Rulebook`.
  private(set) var hosts: [Int32] = []
  private var marks: [Mark] = []
  private var real = Tally()
  private var drill = Tally()
  /// How many members are named by a pattern and count.
  private var matched = 0
  /// Whether it has patterns, and none of the hosts that it names is of one: such a host is counted at any
  /// rate, and unknown by itself as long as it is not heard.
  private let needsMatch: Bool
  /// Of how many hosts it must be so; nil for all.
  private let needed: Int?

  init(_ condition: RuleCondition, isUntil: Bool) {
    self.condition = condition
    self.isUntil = isUntil
    needed =
      switch condition.quantity {
      case .all: nil
      case .any: 1
      case .number(let number): number
      }
    guard case .others(let subjects, let patterns) = condition.hosts, !patterns.isEmpty else {
      needsMatch = false
      return
    }
    needsMatch = !subjects.contains { subject in
      subject.name.map { name in patterns.contains { $0.matches(name) } } ?? false
    }
  }

  /// The names in its pattern; none where it has none.
  var patterns: [HostPattern] {
    if case .others(_, let patterns) = condition.hosts { patterns } else { [] }
  }

  /// Whether it is so.
  ///
  /// - Parameter drills: Whether values for practice count.
  func result(drills: Bool) -> Ternary {
    // Nobody can say that there is none where nobody was heard.
    let extra = needsMatch && matched == 0 ? 1 : 0
    return (drills ? drill : real).quorum(needed, unknown: extra)
  }

  /// Adds a host of which nothing is known yet.
  ///
  /// - Returns: Its member.
  mutating func add(_ host: Int32, isMatched: Bool) -> Int {
    hosts.append(host)
    marks.append(Mark())
    real.add(.perhaps, 1)
    drill.add(.perhaps, 1)
    if isMatched { matched += 1 }
    return hosts.count - 1
  }

  /// Whether a member counts that only a pattern names.
  mutating func setCounting(_ counts: Bool, _ member: Int) {
    guard marks[member].counts != counts else { return }
    marks[member].counts = counts
    real.add(marks[member].result, counts ? 1 : -1)
    drill.add(marks[member].drillResult, counts ? 1 : -1)
    matched += counts ? 1 : -1
  }

  /// Whether a member counts.
  func counts(_ member: Int) -> Bool { marks[member].counts }

  /// What was found of a member last.
  func result(of member: Int, drills: Bool) -> Ternary {
    drills ? marks[member].drillResult : marks[member].result
  }

  /// What is found of a member from now on.
  ///
  /// - Parameter mark: As one that counts.
  /// - Returns: Whether its result is another one by that, and how many more values for practice there are.
  mutating func note(_ mark: Mark, of member: Int) -> (isOther: Bool, drills: Int) {
    let old = marks[member]
    var new = mark
    new.counts = old.counts
    guard new != old else { return (false, 0) }
    marks[member] = new
    guard new.counts else { return (false, 0) }
    let before = (result(drills: false), result(drills: true))
    real.replace(old.result, by: new.result)
    drill.replace(old.drillResult, by: new.drillResult)
    let isOther = before != (result(drills: false), result(drills: true))
    return (isOther, (new.isDrill ? 1 : 0) - (old.isDrill ? 1 : 0))
  }

  /// How many members have a value for practice.
  func drillCount(of member: Int) -> Int { marks[member].isDrill && marks[member].counts ? 1 : 0 }
}
