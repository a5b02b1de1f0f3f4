// SPDX-License-Identifier: Apache-2.0

import Multicast

/// What iptables-legacy-save and ip6tables-legacy-save print (iptables(8)).
enum IptablesRules {
  static func parse(_ text: String, _ family: AddressFamily) -> [FirewallChain] {
    let program = family == .ipv4 ? "iptables" : "ip6tables"
    var chains: [FirewallChain] = []
    var places: [String: Int] = [:]
    var table = ""
    for line in text.split(separator: "\n") {
      let words = words(line)
      if let first = words.first?.text, first.hasPrefix("*") {
        table = String(first.dropFirst())
      } else if let first = words.first?.text, first.hasPrefix(":"), words.count >= 2 {
        let scope = "\(program) \(table)"
        let name = String(first.dropFirst())
        var chain = FirewallChain(
          name: "\(scope) \(name)", scope: scope,
          policy: FirewallRule(
            text: "\(scope) \(name), policy DROP", verdict: .drop, matches: { _ in true },
            accepting: { accepting($0, program, table: scope, chain: name) }))
        chain.seesIPv4 = family == .ipv4
        chain.seesIPv6 = family == .ipv6
        chain.dropsByDefault = words[1].text == "DROP"
        chain.directions = directions(name)
        places[chain.name] = chains.count
        chains.append(chain)
      } else if words.first?.text == "-A", words.count >= 2,
        let place = places["\(program) \(table) \(words[1].text)"]
      {
        chains[place].rules.append(rule(words, String(line), program, table: "\(program) \(table)"))
      }
    }
    return chains
  }

  private static func directions(_ chain: String) -> [FirewallPacket.Direction] {
    switch chain {
    case "PREROUTING", "INPUT": [.input]
    case "OUTPUT", "POSTROUTING": [.output]
    default: []
    }
  }

  private static func rule(
    _ words: [Word], _ line: String, _ program: String, table: String
  ) -> FirewallRule {
    var conditions: [(FirewallPacket) -> Bool?] = []
    var verdict = FirewallRule.Verdict.none
    for (option, value, isNegated) in options(words) {
      switch option {
      case "-A", "--comment": continue
      case "-m" where ["udp", "comment"].contains(value): continue
      case "-j": verdict = target(value)
      case "-g": verdict = .goTo(value)
      // What a target is told, such as --reject-with, is behind it and decides nothing.
      case _ where verdict != .none: continue
      default:
        conditions.append { packet in
          condition(packet, option, value).map { isNegated ? !$0 : $0 }
        }
      }
    }
    return FirewallRule(
      text: "\(table), \(line)", verdict: verdict,
      matches: { packet in
        let answers = conditions.map { $0(packet) }
        return answers.contains(false) ? false : answers.contains(nil) ? nil : true
      },
      accepting: { accepting($0, program, table: table, chain: words[1].text) })
  }

  private static func condition(_ packet: FirewallPacket, _ option: String, _ value: String) -> Bool? {
    switch option {
    case "-i": return packet.direction == .input && isName(packet.interface, value)
    case "-o": return packet.direction == .output && isName(packet.interface, value)
    case "-p": return packet.content.isCalled(value)
    case "-d":
      let parts = value.split(separator: "/")
      guard let address = parts.first.flatMap({ IPAddress($0) }) else { return nil }
      let whole = address.family == .ipv4 ? 32 : 128
      return packet.destination.isWithin(
        address, prefixLength: parts.count > 1 ? Int(parts[1]) ?? whole : whole)
    case "--dport", "--dports":
      guard case .udp(let port) = packet.content else { return false }
      return value.split(separator: ",").contains { part in
        let ends = part.split(separator: ":").compactMap { Int($0) }
        return ends.first.map { ($0...max($0, ends.last ?? $0)).contains(Int(port)) } ?? false
      }
    case "--ctstate", "--state": return value.split(separator: ",").contains("NEW")
    case "--pkt-type": return value == "multicast"
    case "--dst-type": return value == "MULTICAST"
    // The match's name; what it asks comes in its options.
    case "-m": return ["conntrack", "state", "multiport", "pkttype", "addrtype"].contains(value) ? true : nil
    default: return nil
    }
  }

  private static func target(_ name: String) -> FirewallRule.Verdict {
    switch name {
    case "ACCEPT": .accept
    case "DROP", "REJECT": .drop
    case "RETURN": .returnToCaller
    // Targets that decide nothing are not chains either, and a jump to no chain goes on.
    default: .jump(name)
    }
  }

  /// Every option with what follows it, and whether a `!` stands before it.
  private static func options(_ words: [Word]) -> [(name: String, value: String, isNegated: Bool)] {
    var options: [(name: String, value: String, isNegated: Bool)] = []
    var isNegated = false
    for word in words {
      if word.isQuoted || !(word.text.hasPrefix("-") || word.text == "!") {
        guard !options.isEmpty else { continue }
        options[options.count - 1].value += (options[options.count - 1].value.isEmpty ? "" : " ") + word.text
      } else if word.text == "!" {
        isNegated = true
      } else {
        options.append((word.text, "", isNegated))
        isNegated = false
      }
    }
    return options
  }

  private struct Word {
    var text = ""
    var isQuoted = false
  }

  /// Parted by blanks, except in double quotes, where a backslash keeps the next character.
  private static func words(_ line: Substring) -> [Word] {
    var words: [Word] = []
    var word: Word?
    var isInQuotes = false
    var isEscaped = false
    for character in line {
      if isEscaped {
        word?.text.append(character)
        isEscaped = false
      } else if isInQuotes, character == "\\" {
        isEscaped = true
      } else if character == "\"" {
        isInQuotes.toggle()
        word = Word(text: word?.text ?? "", isQuoted: true)
      } else if character == " ", !isInQuotes {
        if let word { words.append(word) }
        word = nil
      } else {
        word = Word(text: (word?.text ?? "") + String(character), isQuoted: word?.isQuoted ?? false)
      }
    }
    if let word { words.append(word) }
    return words
  }

  /// `eth+` means all that begin so.
  private static func isName(_ name: String, _ pattern: String) -> Bool {
    pattern.hasSuffix("+") ? name.hasPrefix(pattern.dropLast()) : name == pattern
  }

  private static func accepting(
    _ packet: FirewallPacket, _ program: String, table: String, chain: String
  ) -> String {
    let interface = packet.direction == .input ? "-i" : "-o"
    let what =
      switch packet.content {
      case .udp(let port): "-d \(packet.destination) -p udp --dport \(port)"
      case .igmp, .icmpv6: "-p \(packet.content.name)"
      }
    let table = table.split(separator: " ").last ?? "filter"
    return "\(program) -t \(table) -I \(chain) \(interface) \(packet.interface) \(what) -j ACCEPT"
  }
}
