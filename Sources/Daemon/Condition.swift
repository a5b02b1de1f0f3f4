// SPDX-License-Identifier: Apache-2.0

import Heartbeat

/// What keeps the daemon from hearing, judging or sending at the moment, and where.
struct Condition: Equatable, Sendable {
  /// In the order in which they are shown; the raw values are those of `GetStatus`.
  enum Kind: String, CaseIterable, Sendable {
    case networkSilent = "network-silent"
    case ownBeatsNotHeard = "own-beats-not-heard"
    case cannotSend = "cannot-send"
    case verdictsSuspended = "verdicts-suspended"
    case noCarrier = "no-carrier"
    case interfaceGone = "interface-gone"

    /// In the status line, before the interfaces.
    var text: String {
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
    func text(on interfaces: [String]) -> String {
      self == .verdictsSuspended ? text : "\(text) on \(interfaces.joined(separator: ", "))"
    }
  }

  var kind: Kind
  /// The interface's name.
  var interface: String
  /// In nanoseconds of CLOCK_MONOTONIC.
  var since: Int64

  /// `network silent on eth0, eth1`, an item for each kind.
  static func texts(_ conditions: [Condition]) -> [String] {
    Kind.allCases.compactMap { kind in
      let interfaces = Set(conditions.filter { $0.kind == kind }.map(\.interface)).sorted()
      return interfaces.isEmpty ? nil : kind.text(on: interfaces)
    }
  }
}

extension Condition.Kind {
  init(_ impediment: Impediment) {
    switch impediment {
    case .interfaceGone: self = .interfaceGone
    case .noCarrier: self = .noCarrier
    case .networkSilent: self = .networkSilent
    case .ownBeatsNotHeard: self = .ownBeatsNotHeard
    case .verdictsSuspended: self = .verdictsSuspended
    }
  }
}
