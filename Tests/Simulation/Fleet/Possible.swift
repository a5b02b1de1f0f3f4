// SPDX-License-Identifier: Apache-2.0

import Platform

/// What a condition may be, by all that may be known: one where it is certain.
struct Possible: OptionSet, Hashable {
  let rawValue: UInt8

  static let yes = Possible(rawValue: 1)
  static let no = Possible(rawValue: 2)
  static let unknown = Possible(rawValue: 4)

  /// Nil for what cannot be said.
  static func certain(_ isSo: Bool?) -> Possible { isSo.map { $0 ? .yes : .no } ?? .unknown }

  var negated: Possible {
    var result = intersection(.unknown)
    if contains(.yes) { result.insert(.no) }
    if contains(.no) { result.insert(.yes) }
    return result
  }

  func allows(_ result: Ternary) -> Bool {
    switch result {
    case .yes: contains(.yes)
    case .no: contains(.no)
    case .perhaps: contains(.unknown)
    }
  }

  /// What it may be that so many of these are so, at least.
  ///
  /// Not less than it may be: it may have more than is possible of all together.
  static func quorum(_ needed: Int, of hosts: [Possible]) -> Possible {
    var result: Possible = []
    if hosts.count(where: { $0.contains(.yes) }) >= needed { result.insert(.yes) }
    if hosts.count(where: { !$0.contains(.no) }) < needed { result.insert(.no) }
    let isOpen =
      hosts.count { $0 == .yes } < needed && hosts.count { !$0.isDisjoint(with: [.yes, .unknown]) } >= needed
    if isOpen, hosts.contains(where: { $0.contains(.unknown) }) { result.insert(.unknown) }
    return result
  }

  /// Whether all are so.
  static func all(_ lines: [Possible]) -> Possible { quorum(lines.count, of: lines) }

  /// Whether any is.
  static func any(_ lines: [Possible]) -> Possible { quorum(1, of: lines) }
}

extension Possible: CustomStringConvertible {
  var description: String {
    let names = [(Possible.yes, "yes"), (.no, "no"), (.unknown, "unknown")]
    return names.filter { contains($0.0) }.map(\.1).joined(separator: " or ")
  }
}
