// SPDX-License-Identifier: Apache-2.0

/// What is known of a condition (Kleene's three-valued logic). A Bool would have to lie where something is
/// asked for that is not known: a mark of the firewall, a host that is not heard.
package enum Ternary: Equatable, Sendable {
  case no
  /// Unknown.
  case perhaps
  case yes

  package init(_ isSo: Bool) { self = isSo ? .yes : .no }

  package static prefix func ! (operand: Ternary) -> Ternary {
    switch operand {
    case .no: .yes
    case .perhaps: .perhaps
    case .yes: .no
    }
  }

  package static func && (left: Ternary, right: @autoclosure () -> Ternary) -> Ternary {
    switch left {
    case .no: .no
    case .yes: right()
    case .perhaps: right() == .no ? .no : .perhaps
    }
  }

  /// The same answer where both agree, else perhaps.
  package static func agreeing(_ left: Ternary, _ right: Ternary) -> Ternary {
    left == right ? left : .perhaps
  }
}

extension Sequence {
  /// Whether it is so for all of them; yes for none.
  package func all(_ isSo: (Element) -> Ternary) -> Ternary {
    var answer = Ternary.yes
    for element in self {
      answer = answer && isSo(element)
      if answer == .no { return .no }
    }
    return answer
  }

  /// Whether it is so for one of them; no for none.
  package func any(_ isSo: (Element) -> Ternary) -> Ternary { !all { !isSo($0) } }
}
