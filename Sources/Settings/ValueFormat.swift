// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Liveness
import Platform

/// How the text of a setting becomes a value, and the value its normal text.
struct ValueFormat<Value: Sendable>: Sendable {
  /// What may be written, worded to follow "must be".
  let accepted: String
  /// All values that there are, each in its normal form; empty where they cannot be listed.
  var choices: [String] = []
  /// `nil` for text that is not accepted. Gets text without blanks around it.
  let parse: @Sendable (String) -> Value?
  /// Gives text that `parse` takes to the same value.
  let text: @Sendable (Value) -> String
}

// MARK: Numbers

extension ValueFormat where Value: FixedWidthInteger {
  static func integer(as type: Value.Type, _ range: ClosedRange<Int>) -> Self {
    Self(
      accepted: "\(range.lowerBound)–\(range.upperBound)",
      parse: { Quantity.whole($0).flatMap { range.contains($0) ? Value(exactly: $0) : nil } },
      text: { "\($0)" })
  }
}

extension ValueFormat where Value == UInt16 {
  static var port: Self { .integer(as: UInt16.self, 1...65_535) }
}

extension ValueFormat where Value == Int {
  /// - Parameter zero: what 0 means.
  static func integer(_ range: ClosedRange<Int>, zero: String) -> Self {
    let plain = integer(as: Int.self, range)
    return Self(accepted: "\(plain.accepted) (0: \(zero))", parse: plain.parse, text: plain.text)
  }

  /// - Parameter range: in bytes.
  static func bytes(_ range: ClosedRange<Int>) -> Self {
    Self(
      accepted: "\(Quantity.bytesText(range.lowerBound))–\(Quantity.bytesText(range.upperBound)),"
        + " in bytes or with a unit (KiB, MiB, GiB)",
      parse: { Quantity.bytes($0).flatMap { range.contains($0) ? $0 : nil } },
      text: { Quantity.bytesText($0) })
  }
}

extension ValueFormat where Value == Duration {
  /// - Parameter range: in nanoseconds.
  static func interval(_ range: ClosedRange<Int64>) -> Self {
    Self(
      accepted: "\(Quantity.timeText(Int(range.lowerBound)))–\(Quantity.timeText(Int(range.upperBound))),"
        + " with a unit (ms, s, min, h)",
      parse: { text in
        Quantity.nanoseconds(text).flatMap { range.contains(Int64($0)) ? .nanoseconds($0) : nil }
      },
      text: { Quantity.timeText(Int($0.nanoseconds)) })
  }
}

extension ValueFormat where Value == Duration {
  /// - Parameters:
  ///   - range: in nanoseconds.
  ///   - zero: what 0 means, which needs no unit.
  static func interval(_ range: ClosedRange<Int64>, zero: String) -> Self {
    let plain = interval(range)
    return Self(
      accepted: "\(plain.accepted), or 0 (\(zero))",
      parse: { text in
        text == "0" || Quantity.nanoseconds(text) == 0 ? .zero : plain.parse(text)
      },
      text: { $0 == .zero ? "0" : plain.text($0) })
  }
}

// MARK: Words

extension ValueFormat where Value == Bool {
  /// The words of systemd's parse_boolean.
  static var yesNo: Self {
    Self(
      accepted: "yes or no", choices: ["yes", "no"],
      parse: {
        switch $0.lowercased() {
        case "yes", "y", "true", "t", "on", "1": true
        case "no", "n", "false", "f", "off", "0": false
        default: nil
        }
      },
      text: { $0 ? "yes" : "no" })
  }
}

extension ValueFormat where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
  /// One of the raw values, in upper or lower case.
  static func choice(of type: Value.Type) -> Self {
    let choices = Value.allCases.map(\.rawValue)
    return Self(
      accepted: alternatives(choices), choices: choices,
      parse: { Value(rawValue: $0.lowercased()) }, text: { $0.rawValue })
  }
}

extension ValueFormat where Value == Settings.Heartbeats {
  /// `own`, or yes and no in all their spellings.
  static var heartbeats: Self {
    let words = choice(of: Value.self)
    return Self(
      accepted: words.accepted, choices: words.choices,
      parse: { words.parse($0) ?? ValueFormat<Bool>.yesNo.parse($0).map { $0 ? .yes : .no } },
      text: words.text)
  }
}

/// `a, b or c`.
private func alternatives(_ words: [String]) -> String {
  guard let last = words.last, words.count > 1 else { return words.joined() }
  return "\(words.dropLast().joined(separator: ", ")) or \(last)"
}

// MARK: Addresses

extension ValueFormat where Value == IPAddress {
  static var group: Self {
    Self(
      accepted:
        "a multicast address: IPv4 in 224.0.0.0/4 or IPv6 in ff00::/8 (link-local scope needs an interface)",
      parse: { text in IPAddress(text).flatMap { $0.isMulticast ? $0 : nil } },
      text: { $0.description })
  }
}

extension ValueFormat where Value == [IPAddress] {
  /// Empty for `any`.
  static var sources: Self {
    Self(
      accepted: "any, or addresses of the group's family, comma-separated, none of them a group",
      parse: { $0 == "any" ? [] : list($0, source) },
      text: { $0.isEmpty ? "any" : $0.map(\.description).joined(separator: ",") })
  }
}

/// An address that a datagram can come from.
private func source(_ text: String) -> IPAddress? {
  guard let address = IPAddress(text), !address.isMulticast, !address.isUnspecified,
    address != IPAddress(family: .ipv4, high: 0, low: 0xffff_ffff)
  else { return nil }
  return address
}

// MARK: Hosts

extension ValueFormat where Value == [PeerSubject] {
  /// Empty for `none`.
  ///
  /// - Parameter count: how many may be named.
  static func peers(_ count: ClosedRange<Int>) -> Self {
    Self(
      accepted: "none, or names of hosts and addresses of the group's family, comma-separated, none of them "
        + "a group, at most \(count.upperBound)",
      parse: { text in
        guard text != "none" else { return [] }
        let peers = list(text) { item -> PeerSubject? in
          // What means no peer elsewhere is none's name here.
          if ["none", "any"].contains(item.lowercased()) { return nil }
          return IPAddress(item) == nil
            ? HostName(item).map { .name($0) } : source(item).map { .address($0) }
        }
        return peers.flatMap { count.contains($0.count) ? $0 : nil }
      },
      text: { $0.isEmpty ? "none" : $0.map(\.description).joined(separator: ",") })
  }
}

extension ValueFormat where Value == FalseAlarmRate {
  static var falseAlarmRate: Self {
    Self(
      accepted: "N/h, N/d or N/y (false alarms an hour, a day or a year): 0.001/y–100/h, with at most three "
        + "decimals",
      parse: { FalseAlarmRate($0) }, text: { $0.description })
  }
}

extension ValueFormat where Value == HostNameChoice {
  static var hostName: Self {
    Self(
      accepted: "empty, auto (the host name, where it is a name), or a name: letters, digits, dots and "
        + "hyphens, a letter or digit first, at most \(HostName.longest) bytes, and no address",
      parse: { text in
        switch text {
        case "": HostNameChoice.none
        case "auto": HostNameChoice.automatic()
        default: HostName(text).map { .fixed($0) }
        }
      },
      text: { $0.text })
  }
}

extension ValueFormat where Value == String {
  /// A file of keys; empty for the credential.
  static var keyFile: Self {
    Self(
      accepted: "empty (the credential \(KeyCredential.name) of the service), or an absolute path",
      parse: { $0.isEmpty || $0.hasPrefix("/") ? $0 : nil }, text: { $0 })
  }
}

extension ValueFormat where Value == String {
  static var directory: Self {
    Self(accepted: "an absolute path", parse: { $0.hasPrefix("/") ? $0 : nil }, text: { $0 })
  }
}

extension ValueFormat where Value == InterfaceChoice {
  static var interfaces: Self {
    Self(
      accepted: "auto, or interface names or addresses, comma-separated",
      parse: { text in
        text == "auto" ? .automatic : list(text) { InterfaceReference($0) }.map { .listed($0) }
      },
      text: { $0.description })
  }
}

/// The items between commas, each once, in the order of their first appearance; `nil` when one of them is not
/// accepted or missing.
private func list<Item: Hashable>(_ text: String, _ parse: (String) -> Item?) -> [Item]? {
  var seen: Set<Item> = []
  var items: [Item] = []
  for part in text.split(separator: ",", omittingEmptySubsequences: false) {
    guard let item = parse(part.trimmingBlanks()) else { return nil }
    if seen.insert(item).inserted { items.append(item) }
  }
  return items
}
