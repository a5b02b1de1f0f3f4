// SPDX-License-Identifier: Apache-2.0

import Platform

/// Why systemd did not do what it was asked to do with a unit.
package enum UnitRefusal: Error, Hashable, Sendable {
  /// The bus or polkit refuses it, or there is no polkit to ask.
  case notAllowed
  /// polkit has no rule that allows it, and would ask a person.
  case authorizationRequired
  case masked
  case noSuchUnit
  /// The unit's name cannot be asked for.
  case unusable(StateUnit.Unusable)
  /// There is a bus, and no systemd on it.
  case noManager
  /// No call could be made.
  case unreachable(errno: Int32)
  /// The bus went away during the call, which systemd may have got.
  case disconnected
  /// There was no answer in time; systemd may have got the call.
  case noAnswer(within: Duration)
  /// Another error of D-Bus, by its name.
  case other(name: String, message: String)

  /// What units have in common of which something is refused for this reason: the way to systemd.
  package enum Cause: Hashable, CaseIterable, Sendable {
    case permission
    case bus
  }

  /// Nil where it is of the one unit.
  package var cause: Cause? {
    switch self {
    case .notAllowed, .authorizationRequired: .permission
    case .noManager, .unreachable, .disconnected, .noAnswer: .bus
    case .masked, .noSuchUnit, .unusable, .other: nil
    }
  }

  /// Whether the call may have been carried out all the same.
  package var isUncertain: Bool {
    switch self {
    case .disconnected, .noAnswer: true
    default: false
    }
  }

  /// - Parameters:
  ///   - name: Of the error, as `org.freedesktop.DBus.Error.AccessDenied`.
  ///   - limit: How long the call was given.
  init(name: String, message: String, within limit: Duration) {
    let bus = "org.freedesktop.DBus.Error."
    switch name {
    case bus + "AccessDenied", bus + "AuthFailed": self = .notAllowed
    case bus + "InteractiveAuthorizationRequired": self = .authorizationRequired
    case "org.freedesktop.systemd1.UnitMasked": self = .masked
    case "org.freedesktop.systemd1.NoSuchUnit": self = .noSuchUnit
    case bus + "ServiceUnknown", bus + "NameHasNoOwner": self = .noManager
    // What is to start systemd is /bin/false.
    case _ where name.hasPrefix(bus + "Spawn."): self = .noManager
    case bus + "NoReply", bus + "Disconnected": self = .disconnected
    case bus + "Timeout", bus + "TimedOut": self = .noAnswer(within: limit)
    default: self = .other(name: name, message: message)
    }
  }
}

extension UnitRefusal: CustomStringConvertible {
  /// What is wrong, and what to do about it: sentences.
  package var description: String {
    switch self {
    case .notAllowed:
      "It is not allowed. Install polkitd, and see that no rule of polkit refuses it: "
        + "/usr/share/polkit-1/rules.d/50-mcastd.rules allows it to the user mcastd."
    case .authorizationRequired:
      "polkit has no rule that allows it. /usr/share/polkit-1/rules.d/50-mcastd.rules does, to the user "
        + "mcastd: see that it is there, and that the daemon runs as that user."
    case .masked: "The target is masked. `systemctl unmask` allows it."
    case .noSuchUnit:
      "There is no such unit: see that /usr/lib/systemd/system/mcastd-state@.target is there, then "
        + "`systemctl daemon-reload`."
    case .unusable(let reason): "\(reason)"
    case .noManager:
      "There is no systemd on the system bus. The files of states are written all the same."
    case .unreachable(let errno):
      "The system bus cannot be reached: \(errnoText(errno)). See `systemctl status dbus.socket`. "
        + "The files of states are written all the same."
    case .disconnected: "The system bus went away. See `systemctl status dbus`."
    case .noAnswer(let limit):
      "There was no answer within \(limit.nanoseconds / 1_000_000_000) s. See `systemctl status dbus`, and "
        + "`systemctl list-jobs`."
    case .other(let name, let message): "\(PlainText.oneLine(message)) (\(PlainText.oneLine(name)))"
    }
  }
}

extension StateUnit.Unusable: CustomStringConvertible {
  /// A sentence.
  package var description: String {
    switch self {
    case .instance(let instance):
      "The states of mcastd@\(PlainText.oneLine(instance)) have no targets, only files: a target's name has "
        + "a-z, 0-9 and - only. Give the instance another name."
    case .state(let state):
      "\(PlainText.oneLine(state)) is no name of a state: it has a-z, 0-9 and - only."
    case .tooLong(let count): "The target's name has \(count) bytes, and systemd allows 255. Shorten it."
    }
  }
}
