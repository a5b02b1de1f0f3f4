// SPDX-License-Identifier: Apache-2.0

import Platform

/// The output of iptables-save and ip6tables-save, legacy or nft (iptables(8)).
enum IptablesRules {
  /// Targets without a verdict (iptables-extensions(8)).
  static let harmlessTargets: Set<String> = [
    "AUDIT", "CHECKSUM", "CLASSIFY", "CONNMARK", "CONNSECMARK", "CT", "DSCP", "ECN", "HL", "HMARK",
    "IDLETIMER",
    "LED", "LOG", "MARK", "MASQUERADE", "NFLOG", "RATEEST", "SECMARK", "SET", "SNAT", "TCPMSS",
    "TCPOPTSTRIP", "TEE", "TOS", "TRACE", "TTL", "ULOG",
  ]

  /// The prefix of the names of a table's chains: `iptables filter`.
  static func scope(_ family: AddressFamily, table: String) -> String {
    (family == .ipv4 ? "iptables " : "ip6tables ") + table
  }

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
        let scope = scope(family, table: table)
        let name = String(first.dropFirst())
        var chain = FirewallChain(
          name: "\(scope) \(name)", scope: scope,
          policy: FirewallRule(
            text: "\(scope) \(name), policy DROP", cases: [.init(verdict: .drop) { _ in .yes }],
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
    var conditions: [(FirewallPacket) -> Ternary] = []
    var verdict = FirewallRule.Verdict.none
    var target = ""
    for (option, value, isNegated) in options(words) {
      switch option {
      case "-A", "--comment": continue
      case "-m" where ["udp", "comment"].contains(value): continue
      case "-j":
        target = value
        verdict = Self.verdict(value)
      case "-g":
        target = value
        verdict = .goTo(value)
      case "--notrack" where target == "CT": verdict = .untrack
      // Options of the target, such as --reject-with, follow it and do not change the verdict.
      case _ where !target.isEmpty: continue
      default:
        conditions.append { packet in
          let holds = condition(packet, option, value)
          return isNegated ? !holds : holds
        }
      }
    }
    return FirewallRule(
      text: "\(table), \(line)",
      cases: [.init(verdict: verdict) { packet in conditions.all { $0(packet) } }],
      accepting: { accepting($0, program, table: table, chain: words[1].text) })
  }

  private static func condition(_ packet: FirewallPacket, _ option: String, _ value: String) -> Ternary {
    let words = value.split(separator: ",").map(String.init)
    switch option {
    case "-i": return packet.direction == .input ? packet.passes { isName($0, value) } : .no
    case "-o": return packet.direction == .output ? packet.passes { isName($0, value) } : .no
    case "-p": return Ternary(value == "all" || value == "0" || packet.content.isCalled(value))
    case "-d": return packet.isTranslated == .no ? isWithin(packet.destination, value) : .perhaps
    case "-s":
      // No packet has a group for its source.
      return isGroups(value) ? .no : .perhaps
    case "--dport", "--dports":
      guard case .udp(let port) = packet.content else { return .no }
      return words.any { contains($0, port) }
    case "--ctstate", "--state": return words.any(packet.isInState)
    case "--ctstatus": return words.any(packet.hasStatus)
    case "--pkt-type": return packet.isOfType(value)
    case "--dst-type": return Ternary(words.contains("MULTICAST"))
    case "--icmpv6-type":
      guard packet.content == .icmpv6 else { return .no }
      // `130`, or `130/0` with the code.
      let number = value.split(separator: "/").first.flatMap { Int($0) }
      return number.map { Ternary($0 == packet.icmpv6Type.number) } ?? .perhaps
    // These datagrams have no routing header (RFC 5095 forbids type 0).
    case "-m" where value == "rt": return .no
    // The match's name; what it asks comes in its options.
    case "-m":
      let isKnown = ["conntrack", "state", "multiport", "pkttype", "addrtype", "icmp6"].contains(value)
      return isKnown ? .yes : .perhaps
    default: return .perhaps
    }
  }

  private static func isWithin(_ address: IPAddress, _ network: String) -> Ternary {
    let parts = network.split(separator: "/")
    guard let base = parts.first.flatMap({ IPAddress($0) }) else { return .perhaps }
    guard parts.count > 1 else { return Ternary(address == base) }
    // A mask that is no prefix (255.0.255.0) is not told as a length.
    guard let length = Int(parts[1]) else { return .perhaps }
    return Ternary(address.isWithin(base, prefixLength: length))
  }

  /// Whether a network contains groups only.
  private static func isGroups(_ network: String) -> Bool {
    let parts = network.split(separator: "/")
    guard let base = parts.first.flatMap({ IPAddress($0) }), base.isMulticast else { return false }
    return parts.count < 2 || (Int(parts[1]) ?? 0) >= (base.family == .ipv4 ? 4 : 8)
  }

  /// `5001` or `5000:5010`; either end may be missing.
  private static func contains(_ range: String, _ port: UInt16) -> Ternary {
    let ends = range.split(separator: ":", omittingEmptySubsequences: false)
    guard ends.count <= 2, let first = ends.first, let last = ends.last,
      let low = first.isEmpty ? 0 : UInt16(first), let high = last.isEmpty ? UInt16.max : UInt16(last)
    else { return .perhaps }
    return Ternary(low <= port && port <= high)
  }

  private static func verdict(_ target: String) -> FirewallRule.Verdict {
    switch target {
    case "ACCEPT": .accept
    case "DROP", "REJECT": .drop
    case "RETURN": .returnToCaller
    case "NOTRACK": .untrack
    case "DNAT", "REDIRECT", "NETMAP": .translate
    case _ where harmlessTargets.contains(target): .none
    // A chain; or a target that is none of the above, to which there is no chain either: undecidable.
    default: .jump(target)
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
    let name = ShellWord(packet.interface).text
    let what =
      switch packet.content {
      case .udp(let port): "-d \(packet.destination) -p udp --dport \(port)"
      case .igmp, .icmpv6: "-p \(packet.content.name)"
      }
    let table = table.split(separator: " ").last ?? "filter"
    return "\(program) -t \(table) -I \(chain) \(interface) \(name) \(what) -j ACCEPT"
  }
}
