// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Liveness

/// A line of a rule: of how many hosts something must be so.
package struct RuleCondition: Equatable, Sendable {
  /// How many of them.
  package enum Quantity: Equatable, Sendable {
    case all
    case any
    /// So many at least.
    case number(Int)
  }

  /// Of whom.
  package enum Hosts: Equatable, Sendable {
    /// This host.
    case own
    /// In the order of the file; the patterns only where the quantity is `any`.
    case others([PeerSubject], patterns: [HostPattern])
  }

  package var quantity: Quantity
  package var hosts: Hosts
  package var test: ReadingTest
  /// As it is written, white space as it should be.
  package var text: String

  package init(_ quantity: Quantity, of hosts: Hosts, _ test: ReadingTest) {
    self.quantity = quantity
    self.hosts = hosts
    self.test = test
    text = Self.text(quantity, hosts, test)
  }

  private static func text(_ quantity: Quantity, _ hosts: Hosts, _ test: ReadingTest) -> String {
    guard case .others(let names, let patterns) = hosts else { return "\(test)" }
    let number =
      switch quantity {
      case .all: "all"
      case .any: "any"
      case .number(let number): "\(number)"
      }
    let list = names.map { "\($0)" } + patterns.map { "\($0)" }
    return "\(number) of \(list.joined(separator: ",")): \(test)"
  }
}
