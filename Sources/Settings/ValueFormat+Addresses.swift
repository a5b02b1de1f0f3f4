// SPDX-License-Identifier: Apache-2.0

import Platform

extension ValueFormat where Value == IPAddress {
  static var group: Self {
    Self(
      parse: { text in IPAddress(text).flatMap { $0.isMulticast ? $0 : nil } },
      text: { $0.description })
  }
}

extension ValueFormat where Value == [IPAddress] {
  /// Empty for `any`.
  static var sources: Self { hosts(none: "any") }

  /// Empty for `none`.
  static func peers(_ count: ClosedRange<Int>) -> Self {
    let hosts = hosts(none: "none")
    return Self(
      parse: { text in hosts.parse(text).flatMap { count.contains($0.count) ? $0 : nil } }, text: hosts.text)
  }

  /// Addresses that a datagram can come from.
  private static func hosts(none: String) -> Self {
    Self(
      parse: { text in
        text == none
          ? []
          : list(text) { item in
            guard let address = IPAddress(item), !address.isMulticast, !address.isUnspecified,
              address != IPAddress(family: .ipv4, high: 0, low: 0xffff_ffff)
            else { return nil }
            return address
          }
      },
      text: { $0.isEmpty ? none : $0.map(\.description).joined(separator: ",") })
  }
}

extension ValueFormat where Value == InterfaceChoice {
  static var interfaces: Self {
    Self(
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

extension StringProtocol {
  /// Without the blanks that an INI file or a hurried hand leaves at either end.
  func trimmingBlanks() -> String {
    let isBlank: (Unicode.Scalar) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\r" || $0 == "\n" }
    let front = unicodeScalars.drop(while: isBlank)
    guard let last = front.lastIndex(where: { !isBlank($0) }) else { return "" }
    return String(String.UnicodeScalarView(front[...last]))
  }
}
