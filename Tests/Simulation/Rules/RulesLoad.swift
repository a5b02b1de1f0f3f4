// SPDX-License-Identifier: Apache-2.0

import Glibc
import Heartbeat
import Liveness
import Platform
import Rules
import TestSupport

/// `simulate --rules --load`: what many rules over many hosts cost, of which each says another temperature in
/// each of its heartbeats.
struct RulesLoad {
  private struct Options {
    var seed: UInt64 = 1
    var (hosts, rules) = (1000, 1000)
    var seconds = 10

    init?(_ arguments: some Sequence<String>) {
      var rest = Array(arguments)
      func take() -> String? { rest.isEmpty ? nil : rest.removeFirst() }
      func number() -> Int? { take().flatMap { Int($0) }.flatMap { (1...100_000).contains($0) ? $0 : nil } }
      while let option = take() {
        switch option {
        case "--rules", "--load": break
        case "--seed":
          guard let number = take().flatMap({ UInt64($0) }) else { return nil }
          seed = number
        case "--hosts":
          guard let number = number() else { return nil }
          hosts = number
        case "--number":
          guard let number = number() else { return nil }
          rules = number
        case "--seconds":
          guard let number = number() else { return nil }
          seconds = number
        default: return nil
        }
      }
    }
  }

  private var random: Random
  private let options: Options
  private let hosts: [HostName]
  private var senders: [ReadingsSender]

  private init(_ options: Options) {
    self.options = options
    random = Random(seed: options.seed)
    hosts = (0..<options.hosts).map { "host\($0)" }
    senders = hosts.map { ReadingsSender($0) }
  }

  /// - Returns: The exit status.
  static func run(_ arguments: some Sequence<String>) -> Int32 {
    guard let options = Options(arguments) else {
      print("usage: simulate --rules --load [--seed N] [--hosts N] [--number RULES] [--seconds S]")
      return 64
    }
    for asked in [0, min(5, options.hosts), options.hosts] {
      var load = RulesLoad(options)
      load.measure(hostsOfRule: asked)
    }
    return 0
  }

  /// - Parameter count: Hosts that each rule asks; 0 for no rules.
  private mutating func measure(hostsOfRule count: Int) {
    let rules = count == 0 ? [] : (0..<options.rules).map { rule($0, of: count) }
    let before = Self.residentSize()
    var now = Int64.seconds(1000)
    var heard = HeardRules(rules, own: "me", capacity: options.hosts, at: now)
    let built = Self.residentSize() - before
    var (spent, transitions) = (Int64(0), 0)
    // In the first second all is new.
    for second in 0...options.seconds {
      let payloads = beats()
      let began = Self.processorTime()
      for (place, payload) in payloads.enumerated() {
        let time = now + Int64(place) * .seconds(1) / Int64(payloads.count)
        heard.hear(payload, proof: .ok, at: time)
        // As the event loop does, with all that is due.
        if let next = heard.book.nextDeadline, next <= time { heard.advance(through: time) }
        if heard.book.hasNews { transitions += heard.book.takeTransitions().count }
      }
      heard.tellReadings(at: now)
      if second > 0 { spent += Self.processorTime() - began }
      now += .seconds(1)
    }
    let share = Double(spent) / Double(options.seconds) / 1e7
    let size = Double(Self.residentSize() - before) / 1e6
    print(
      "\(rules.count) rules of \(count) of \(options.hosts) hosts: \((share * 100).rounded() / 100) % of a core, "
        + "\(Double(built) / 1e6) MB with the rules and \(size) MB in the end, \(transitions) transitions")
  }

  private mutating func rule(_ number: Int, of count: Int) -> Rule {
    var names = hosts
    if count < names.count { names = (0..<count).map { _ in random.pick(hosts) } }
    let list = Set(names).sorted { "\($0)" < "\($1)" }.map { PeerSubject.name($0) }
    let key = ReadingKey("temp.inlet")
    func condition(_ comparison: ReadingTest.Operator, _ value: String) -> Rules.RuleCondition {
      guard let key, let value = ReadingValue(value) else { fatalError("\(value) is no value") }
      return Rules.RuleCondition(
        .any, of: .others(list, patterns: []), ReadingTest(.reading(key), comparison, value))
    }
    guard let name = RuleName("rule-\(number)") else { fatalError("no name") }
    // As far as a temperature gets, and no other rule has the same.
    return Rule(name, when: [condition(.atLeast, "\(28 + Double(number % 400) / 100)C")])
  }

  /// A heartbeat of each host.
  private mutating func beats() -> [[UInt8]] {
    senders.indices.map { place in
      senders[place].say("temp.inlet", "\(Double(200 + random.below(120)) / 10)C")
      senders[place].say("ups.status", "OL")
      return senders[place].beat()
    }
  }

  /// Nanoseconds of processor time: other work on the machine does not count.
  private static func processorTime() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }

  /// Bytes of memory that the process has, from statm in proc(5).
  private static func residentSize() -> Int {
    guard let file = fopen("/proc/self/statm", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    guard fgets(&line, Int32(line.count), file) != nil else { return 0 }
    let words = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      .split(separator: " ")
    return words.count > 1 ? (Int(words[1]) ?? 0) * Int(getpagesize()) : 0
  }
}
