// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Liveness
import Platform

extension RuleScenario {
  /// Any scenario: a seed is one.
  init(seed: UInt64) {
    var generator = Generator(seed: seed)
    self = generator.scenario()
  }

  /// Makes rules of which all states occur: there are two states of the world, as with power and without, in
  /// which most hosts say what belongs to it, and most conditions ask for the second.
  private struct Generator {
    private let seed: UInt64
    private var random: Random
    /// What may occur; where nothing does, readings are of the type that is asked for.
    private let (hasMismatches, hasPatterns, hasPeers, hasProofs): (Bool, Bool, Bool, Bool)
    private let own: HostName
    private let hosts: [HostName]
    private var events: [Event] = []
    private var isOut = false
    private var silent: Set<HostName> = []
    private var saying: Set<HostName> = []

    private static let names = ["ups1", "ups2", "ups3", "rack1", "rack2"].compactMap { HostName($0) }
    private static let owns = ["rack9", "me"].compactMap { HostName($0) }

    init(seed: UInt64) {
      self.seed = seed
      random = Random(seed: seed)
      let isPlain = random.chance(0.3)
      hasMismatches = random.chance(isPlain ? 0 : 0.6)
      hasPatterns = random.chance(isPlain ? 0 : 0.6)
      hasPeers = random.chance(isPlain ? 0 : 0.5)
      hasProofs = random.chance(isPlain ? 0 : 0.3)
      own = random.pick(Self.owns)
      hosts = Array(Self.names.prefix(1 + random.below(Self.names.count)))
    }

    mutating func scenario() -> RuleScenario {
      let seconds = 10 + random.below(40)
      let rules = (0...random.below(2)).map { rule("rule\($0)") }
      for second in 0...seconds { happen(at: second) }
      return RuleScenario(seed: seed, seconds: seconds, own: own, rules: rules, events: events)
    }

    // MARK: Rules

    private mutating func rule(_ name: String) -> Text {
      var lines: [String] = []
      for _ in 0...random.below(random.chance(0.6) ? 1 : 4) { lines.append("when=\(condition(isOut: true))") }
      if random.chance(0.6) {
        for _ in 0...random.below(random.chance(0.5) ? 2 : 3) {
          lines.append("until=\(condition(isOut: false))")
        }
      }
      lines.append("for=\(random.below(random.chance(0.5) ? 3 : 8))s")
      if random.chance(0.6) { lines.append("release-for=\(random.below(5))s") }
      if random.chance(0.5) {
        lines.append("on-unknown=hold")
        lines.append("hold-for=\(random.below(8))s")
      }
      if random.chance(0.6) { lines.append("flip-limit=\(2 + random.below(4))/\(1 + random.below(20))s") }
      if random.chance(0.7) { lines.append("fresh=\(1 + random.below(7))s") }
      if hasProofs { lines.append("authenticated=\(random.pick(["no", "yes", "signed", "signed"]))") }
      return Text(name: name, lines: lines)
    }

    /// Mostly one that is so in a state of the world.
    private mutating func condition(isOut: Bool) -> String {
      if hasPeers, random.chance(0.3) {
        let test = random.pick([
          "peer = alive", "peer = silent", "peer != silent", "peer != left", "peer = late",
        ])
        return "\(quantity()): \(test)"
      }
      let test = test(isOut: random.chance(0.9) == isOut)
      return random.chance(0.15) ? test : "\(quantity()): \(test)"
    }

    private mutating func quantity() -> String {
      var hosts = hosts.map(\.description) + (random.chance(0.2) ? [own.description] : [])
      for _ in 0..<random.below(hosts.count) { hosts.remove(at: random.below(hosts.count)) }
      if hasPatterns, random.chance(0.4) {
        hosts.append(random.pick(["rack*", "*1", "u*s2", "nobody*", "*"]))
        if random.chance(0.6) { hosts.removeFirst(hosts.count - 1) }
        return "any of \(hosts.joined(separator: ","))"
      }
      let number = random.pick(["all", "any", "\(1 + random.below(hosts.count))"])
      return "\(number) of \(hosts.joined(separator: ","))"
    }

    private mutating func test(isOut: Bool) -> String {
      if random.chance(0.5) {
        return "ups.status "
          + random.pick(
            isOut
              ? ["has OB", "has OB", "lacks OL", "= OB", "!= OL", "= \"OB DISCHRG\""]
              : ["has OL", "has OL", "lacks OB", "= OL", "!= OB", "has CHRG"])
      }
      let unit = hasMismatches && random.chance(0.15) ? random.pick(["", "V", "%"]) : "C"
      let number = random.pick(["25", "25.0", "24.5", "27", "-3.5"])
      let comparison = random.pick(isOut ? ["<", "<=", "<", "!=", "="] : [">", ">=", ">", "!=", "="])
      return "temp.inlet \(comparison) \(number)\(unit)"
    }

    // MARK: Events

    private mutating func happen(at second: Int) {
      let isTurn = second == 0 || random.chance(0.15)
      if isTurn, second > 0 { isOut.toggle() }
      for host in hosts + [own] {
        if !saying.contains(host) {
          // Some are heard late, some never.
          if random.chance(second == 0 ? 0.85 : 0.05) { begin(host, at: second) }
        } else if isTurn, random.chance(0.85) {
          change(host, at: second)
        } else if random.chance(0.1) {
          disturb(host, at: second)
        }
      }
    }

    private mutating func begin(_ host: HostName, at second: Int) {
      saying.insert(host)
      // It never says nothing.
      add(.says("x.x", "1"), of: host, at: second)
      if hasProofs, random.chance(0.8) { add(.proof(.signed), of: host, at: second) }
      change(host, at: second)
      if hasPeers, host != own { add(.peer(.alive), of: host, at: second) }
    }

    private mutating func change(_ host: HostName, at second: Int) {
      let isUsual = random.chance(0.9)
      if random.chance(0.9) { add(.says("ups.status", status(isUsual: isUsual)), of: host, at: second) }
      if random.chance(0.9) { add(.says("temp.inlet", temperature(isUsual: isUsual)), of: host, at: second) }
    }

    private mutating func status(isUsual: Bool) -> String? {
      if !isUsual, random.chance(0.5) { return random.chance(0.5) ? "?" : nil }
      if hasMismatches, random.chance(0.1) { return random.pick(["5", "-3.5C", "1e3", "OBX", "ob"]) }
      return isOut == isUsual
        ? random.pick(["OB", "OB DISCHRG", "OB DISCHRG LB"]) : random.pick(["OL", "OL CHRG", "OL"])
    }

    private mutating func temperature(isUsual: Bool) -> String? {
      if !isUsual, random.chance(0.5) { return random.chance(0.5) ? "?" : nil }
      if hasMismatches, random.chance(0.15) {
        return random.pick(["72.5F", "24", "24V", "24.5%", "hot", "24,5C", "2.4e1C", "-C", "24. C", "0x18"])
      }
      return isOut == isUsual
        ? random.pick(["22.5C", "24.5C", "24.50C", "-3.5C", "20C"])
        : random.pick(["25C", "28.4C", "30C", "27C"])
    }

    private mutating func disturb(_ host: HostName, at second: Int) {
      guard host != own else { return change(host, at: second) }
      let isSilent = silent.contains(host)
      switch random.below(hasPeers || hasProofs ? 4 : 2) {
      case 0:
        if isSilent { silent.remove(host) } else { silent.insert(host) }
        add(isSilent ? .heard : .silent, of: host, at: second)
      case 1: change(host, at: second)
      case 2 where hasPeers: add(.peer(random.pick(PeerState.allCases)), of: host, at: second)
      case 3 where hasProofs && !isSilent:
        add(.proof(random.pick([.ok, .signed])), of: host, at: second)
      default: break
      }
    }

    private mutating func add(_ what: Event.What, of host: HostName, at second: Int) {
      events.append(Event(second: second, host: host, what: what))
    }
  }
}
