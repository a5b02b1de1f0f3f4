// SPDX-License-Identifier: Apache-2.0

/// Why peers of an interface cannot be judged.
package enum Impediment: String, CaseIterable, Codable, Sendable {
  /// The group is not joined on the interface: it is down, gone, or refused.
  case interfaceGone = "interface-gone"
  /// The interface has no carrier.
  case noCarrier = "no-carrier"
  /// All peers fell silent together, which is more likely the network than they.
  case networkSilent = "network-silent"
  /// Our own heartbeats do not come back, and no peer is heard: a fault of this host.
  case ownBeatsNotHeard = "own-beats-not-heard"
  /// The kernel drops so much that missing beats say nothing of their senders.
  case verdictsSuspended = "verdicts-suspended"
}

/// What keeps the daemon from hearing, judging or sending at the moment, and where.
package struct Condition: Equatable, Sendable {
  /// In the order in which they are shown; the raw values are those of `GetStatus`.
  package enum Kind: String, CaseIterable, Sendable {
    case networkSilent = "network-silent"
    case ownBeatsNotHeard = "own-beats-not-heard"
    case cannotSend = "cannot-send"
    case verdictsSuspended = "verdicts-suspended"
    case noCarrier = "no-carrier"
    case interfaceGone = "interface-gone"

    /// The condition that an impediment is shown as.
    package init(_ impediment: Impediment) {
      switch impediment {
      case .interfaceGone: self = .interfaceGone
      case .noCarrier: self = .noCarrier
      case .networkSilent: self = .networkSilent
      case .ownBeatsNotHeard: self = .ownBeatsNotHeard
      case .verdictsSuspended: self = .verdictsSuspended
      }
    }

    /// In the status line, before the interfaces.
    package var text: String {
      switch self {
      case .networkSilent: "network silent"
      case .ownBeatsNotHeard: "own beats not heard"
      case .cannotSend: "cannot send"
      case .verdictsSuspended: "verdicts suspended, the kernel drops too much"
      case .noCarrier: "no carrier"
      case .interfaceGone: "not joined"
      }
    }

    /// `network silent on eth0, eth1`. Drops name no interface, for all share one socket.
    package func text(on interfaces: [String]) -> String {
      self == .verdictsSuspended ? text : "\(text) on \(interfaces.joined(separator: ", "))"
    }
  }

  /// What it is.
  package var kind: Kind
  /// The interface's name.
  package var interface: String
  /// When it began, in nanoseconds of CLOCK_MONOTONIC.
  package var since: Int64

  /// A condition on an interface.
  package init(kind: Kind, interface: String, since: Int64) {
    self.kind = kind
    self.interface = interface
    self.since = since
  }

  /// `network silent on eth0, eth1`, an item for each kind.
  package static func texts(_ conditions: [Condition]) -> [String] {
    Kind.allCases.compactMap { kind in
      let interfaces = Set(conditions.filter { $0.kind == kind }.map(\.interface)).sorted()
      return interfaces.isEmpty ? nil : kind.text(on: interfaces)
    }
  }
}
