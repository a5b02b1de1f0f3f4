// SPDX-License-Identifier: Apache-2.0

import Platform

/// What an expression of nftables reads from a packet (libnftables-json(5)), as far as it is known
/// beforehand.
enum NftFact {
  /// The packet has no such field: the rule does not match, whatever it compares with.
  case absent
  case unknown
  case number(Int)
  case address(IPAddress)
  /// A source: every address but a group's.
  case source
  /// An interface of the packet's direction, which its name stands for.
  case interface
  /// The interface of the other direction: there is none, and its name is empty.
  case noInterface
  /// Something that goes by names.
  case named((String) -> Ternary)
  case several([NftFact])
}

/// Evaluates matches of nftables on a packet.
struct NftMatch {
  /// The elements of a named set; nil for one that does not exist or is dynamic.
  var elements: (String) -> [JSONValue]?

  /// Elements in elements, sets in sets: nft prints two or three.
  private static let maximumDepth = 8

  /// - Parameter match: the object of a match statement: op, left, right.
  func matches(_ packet: FirewallPacket, _ match: JSONValue) -> Ternary {
    guard let left = match["left"], let right = match["right"] else { return .perhaps }
    let fact = NftFact(left, packet)
    if case .absent = fact { return .no }
    switch match["op"]?.text {
    case "==", "in": return compares(packet, fact, with: right)
    case "!=":
      // Kernels differ in whether a rule that asks for an interface that there is not breaks off.
      if case .noInterface = fact { return .perhaps }
      return !compares(packet, fact, with: right)
    case "<": return order(fact, right) { $0 < $1 }
    case ">": return order(fact, right) { $0 > $1 }
    case "<=": return order(fact, right) { $0 <= $1 }
    case ">=": return order(fact, right) { $0 >= $1 }
    default: return .perhaps
    }
  }

  /// Whether a key of a verdict map is the packet's.
  func matches(_ packet: FirewallPacket, key: JSONValue, _ element: JSONValue) -> Ternary {
    let fact = NftFact(key, packet)
    if case .absent = fact { return .no }
    return holds(packet, element, fact, depth: 0)
  }

  /// The right side of a match: `"@NAME"` is a set, or an interface of that name.
  private func compares(_ packet: FirewallPacket, _ fact: NftFact, with right: JSONValue) -> Ternary {
    guard case .string(let text) = right, text.hasPrefix("@") else {
      return holds(packet, right, fact, depth: 0)
    }
    let inSet =
      elements(String(text.dropFirst()))?.any { holds(packet, $0, fact, depth: 0) } ?? .perhaps
    if case .interface = fact { return .agreeing(inSet, packet.passes { Self.isName($0, text) }) }
    return inSet
  }

  /// Whether an element, or a set of them, holds what the packet has. A name in it is a name, and no set.
  private func holds(_ packet: FirewallPacket, _ element: JSONValue, _ fact: NftFact, depth: Int) -> Ternary {
    guard depth < Self.maximumDepth else { return .perhaps }
    if case .string("*") = element { return .yes }
    if let elements = element["set"]?.elements ?? element.elements {
      return elements.any { holds(packet, $0, fact, depth: depth + 1) }
    }
    if let value = element["elem"]?["val"] { return holds(packet, value, fact, depth: depth + 1) }
    if case .several(let facts) = fact {
      guard let values = element["concat"]?.elements, values.count == facts.count else { return .perhaps }
      return zip(facts, values).all { holds(packet, $1, $0, depth: depth + 1) }
    }
    return isEqual(packet, fact, element)
  }

  private func isEqual(_ packet: FirewallPacket, _ fact: NftFact, _ value: JSONValue) -> Ternary {
    switch fact {
    case .absent, .noInterface: return .no
    case .unknown, .several: return .perhaps
    case .number(let number):
      if let (low, high) = value.range {
        guard let low = low.integer, let high = high.integer else { return .perhaps }
        return Ternary(low <= number && number <= high)
      }
      return value.integer.map { Ternary($0 == number) } ?? .perhaps
    case .address(let address): return isEqual(address, value)
    case .source:
      guard let prefix = value["prefix"]?.prefix, prefix.address.isMulticast else { return .perhaps }
      return .no
    case .interface: return value.text.map { text in packet.passes { Self.isName($0, text) } } ?? .perhaps
    case .named(let isCalled): return value.text.map(isCalled) ?? .perhaps
    }
  }

  private func isEqual(_ address: IPAddress, _ value: JSONValue) -> Ternary {
    if let prefix = value["prefix"] {
      return prefix.prefix.map { Ternary(address.isWithin($0.address, prefixLength: $0.length)) } ?? .perhaps
    }
    if let (low, high) = value.range {
      guard let low = low.text.flatMap({ IPAddress($0) }), let high = high.text.flatMap({ IPAddress($0) })
      else { return .perhaps }
      return Ternary(low.family == address.family && !address.isBelow(low) && !high.isBelow(address))
    }
    return value.text.flatMap { IPAddress($0) }.map { Ternary($0 == address) } ?? .perhaps
  }

  private func order(_ fact: NftFact, _ right: JSONValue, _ isSo: (Int, Int) -> Bool) -> Ternary {
    guard case .number(let number) = fact, let bound = right.integer else { return .perhaps }
    return Ternary(isSo(number, bound))
  }

  /// `eth*` means all that begin so.
  private static func isName(_ name: String, _ pattern: String) -> Bool {
    pattern.hasSuffix("*") ? name.hasPrefix(pattern.dropLast()) : name == pattern
  }
}

extension JSONValue {
  /// The ends of a `range` object.
  fileprivate var range: (JSONValue, JSONValue)? {
    guard let ends = self["range"]?.elements, ends.count == 2 else { return nil }
    return (ends[0], ends[1])
  }

  /// What a `prefix` object holds.
  fileprivate var prefix: (address: IPAddress, length: Int)? {
    guard let address = self["addr"]?.text.flatMap({ IPAddress($0) }), let length = self["len"]?.integer
    else { return nil }
    return (address, length)
  }
}
