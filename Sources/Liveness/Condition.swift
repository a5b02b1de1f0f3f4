// SPDX-License-Identifier: Apache-2.0

import Heartbeat

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

    /// `network silent on eth0, eth1`. Drops are those of the one socket.
    package func text(on interfaces: [String]) -> String {
      self == .verdictsSuspended ? text : "\(text) on \(interfaces.joined(separator: ", "))"
    }
  }

  package var kind: Kind
  /// The interface's name.
  package var interface: String
  /// In nanoseconds of CLOCK_MONOTONIC.
  package var since: Int64

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

extension Condition.Kind {
  package init(_ impediment: Impediment) {
    switch impediment {
    case .interfaceGone: self = .interfaceGone
    case .noCarrier: self = .noCarrier
    case .networkSilent: self = .networkSilent
    case .ownBeatsNotHeard: self = .ownBeatsNotHeard
    case .verdictsSuspended: self = .verdictsSuspended
    }
  }
}
