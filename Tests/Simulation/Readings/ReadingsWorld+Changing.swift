// SPDX-License-Identifier: Apache-2.0

import Facts
import Heartbeat
import Platform

// What hosts have to say: somebody sets readings, files change, sensors are never quite still.
extension ReadingsWorld {
  private static let counter = "a.n"
  private static let words = [
    "OL", "OB", "OB DISCHRG", "\"quoted\" \\ word", "?", "-", "ok", "a=b", "test.x=1",
  ]
  private static let units = ["", "C", "%", "V", "A", "W", "Hz", "s", "rpm"]

  /// The keys of a host, and what its files have in the beginning.
  func equip(_ host: ReadingsHost) {
    guard scenario.fleet == nil else { return equipFleet(host) }
    let habits = host.plan.habits
    for number in 0..<habits.keys {
      let name =
        switch number % 4 {
        case 0: "ups.status\(number)"
        case 1: "temp.t\(number)"
        case 2: "x\(number).y"
        default: "long.key-with_as.many-bytes\(number)"
        }
      if let key = ReadingKey(name) { host.keys.append(key) }
    }
    for key in host.keys where habits.pace == .sensor || choice.chance(0.3) { host.files[key] = number() }
    count(host)
  }

  private func count(_ host: ReadingsHost) {
    guard host.plan.habits.counts, let key = ReadingKey(Self.counter) else { return }
    host.changes += 1
    host.files[key] = ReadingValue("\(host.changes)")
  }

  func scheduleChange(of host: ReadingsHost) {
    guard scenario.kind != .powerCut else {
      return agenda.add(.change, at: .seconds(5) + choice.between(0, 999_999), host: host.number)
    }
    let gap =
      switch host.plan.habits.pace {
      case .quiet where scenario.kind == .fleet: choice.between(200, 2000)
      case .quiet: scenario.kind == .lossy ? choice.between(1500, 3000) : choice.between(500, 5000)
      case .busy: choice.between(10, 300)
      case .bursts: choice.chance(0.99) ? choice.between(0, 4) : choice.between(2000, 8000)
      case .sensor: choice.between(50, 1000)
      }
    agenda.add(.change, at: now + .milliseconds(gap), host: host.number)
  }

  func change(_ host: ReadingsHost) {
    guard now < scenario.calmFrom else { return }
    if scenario.kind != .powerCut { scheduleChange(of: host) }
    guard let process = host.process, host.stalledUntil <= now else { return }
    let time = host.clock.monotonic(now)
    count(host)
    if let plan = scenario.fleet {
      changeFleet(host, plan)
    } else if scenario.kind == .powerCut {
      set([reading(host.keys[0], "OB", isDrill: false)], for: nil, process, at: time)
    } else if host.plan.habits.pace == .sensor {
      for key in host.files.keys.sorted() where key.text != Self.counter && choice.chance(0.5) {
        host.files[key] = number()
      }
    } else {
      change(host, process, at: time)
    }
    process.said.own.setFiles(host.files)
    follow(process, of: host)
  }

  private func change(_ host: ReadingsHost, _ process: ReadingsProcess, at time: Int64) {
    let key = choice.pick(host.keys)
    switch choice.below(scenario.kind == .lossy ? 5 : 12) {
    case 0...2: set([reading(key, value(), isDrill: false)], for: nil, process, at: time)
    case 3...4: host.files[key] = number()
    case 5:
      let some = host.keys.filter { _ in choice.chance(0.5) }
      set(some.map { reading($0, value(), isDrill: false) }, for: nil, process, at: time)
    case 6: set([reading(key, value(), isDrill: false)], for: span(), process, at: time)
    case 7:
      let span = choice.chance(0.5) ? span() : nil
      set([reading(key, value(), isDrill: true)], for: span, process, at: time)
    case 8: set([reading(key, "?", isDrill: false)], for: nil, process, at: time)
    case 9: _ = process.said.own.unset([Reading.ID(key), Reading.ID(key, isDrill: true)])
    case 10: host.files[key] = choice.chance(0.5) ? nil : ReadingValue.unknown
    default:
      // All that was ever said.
      for isDrill in [false, true] {
        _ = process.said.own.unset(host.keys.map { Reading.ID($0, isDrill: isDrill) })
      }
      if choice.chance(0.5) { host.files = [:] }
    }
  }

  /// More than there may be are refused as a whole.
  private func set(_ readings: [Reading?], for span: Int64?, _ process: ReadingsProcess, at time: Int64) {
    try? process.said.own.set(readings.compactMap(\.self), for: span, at: time)
  }

  private func reading(_ key: ReadingKey, _ value: String, isDrill: Bool) -> Reading? {
    try? OwnReadings.reading(key.text, value, isDrill: isDrill)
  }

  private func span() -> Int64 { .milliseconds(choice.between(20, 5000)) }

  private func value() -> String {
    if choice.chance(0.02) { return String(repeating: "w ", count: 1 + choice.below(128)) }
    return choice.chance(0.5) ? choice.pick(Self.words) : number().map(\.text) ?? "0"
  }

  private func number() -> ReadingValue? {
    ReadingValue("\(choice.between(-50, 300)).\(choice.below(10))\(choice.pick(Self.units))")
  }

  // MARK: How many know of it

  /// A change of which it is counted who knows of it in time.
  struct Measure {
    let sender: Int
    let time: Int64
    /// The hosts that knew the sender before.
    let listeners: [Int]
  }

  /// After which time all should know, in nanoseconds.
  static let knownWithin: Int64 = 100_000_000

  /// A host has something else to say.
  func noteChange(of host: ReadingsHost) {
    guard scenario.kind == .lossy, now > .seconds(4) else { return }
    let listeners = hosts.filter { other in
      other.number != host.number && other.process.map { $0.heard[host.number].newest >= 0 } ?? false
    }
    measures.append(Measure(sender: host.number, time: now, listeners: listeners.map(\.number)))
    agenda.add(.measure, at: now + Self.knownWithin, host: host.number, a: measures.count - 1)
  }

  func measure(_ measure: Measure) {
    let versions = books[measure.sender].versions
    guard let last = versions.last, last.first >= measure.time else {
      return fail(.copies, measure.sender, "no copy in 100 ms")
    }
    let latest = now - scenario.longestDelay
    let copies = sent.reversed().prefix { $0.time >= last.first }
      .filter { $0.sender == measure.sender && $0.time <= latest }.count
    if copies < Self.copiesWithin { fail(.copies, measure.sender, "\(copies) copies in 100 ms") }
    for listener in measure.listeners {
      guard let process = hosts[listener].process else { continue }
      let knows = process.heard[measure.sender].newest == versions.count - 1
      losses.note(scenario.loss, copies: copies, knows: knows)
    }
  }

  /// After 0, 5, 10, 20, 40 and 80 ms.
  private static let copiesWithin = 6
}
