// SPDX-License-Identifier: Apache-2.0

import Monitor
import Multicast
import Platform
import Settings

/// What is told of a change of interfaces in one direction. Pure.
struct InterfaceReport {
  var direction: Settings.Direction
  var isSending: Bool
  /// The present interfaces.
  var table: InterfaceTable
  /// Interfaces waited for, with the reason: `eth0 (it is down)`.
  var waitingFor: [String]

  func event(for change: InterfaceChange) -> Event {
    let name = change.interface.name
    let event: InterfaceEvent =
      switch change {
      case .began(let interface):
        .began(name, address: interface.address(for: direction.group), isSending: isSending)
      case .renamed(let former, _): .renamed(name, from: former, isSending: isSending)
      case .ended(let interface):
        .ended(name, reason: reason(of: interface), waitingFor: waitingFor, isSending: isSending)
      case .refused(_, let error):
        if let sysctl = error.exceededLimit(direction.group.family) {
          .limitReached(name, reason: "\(error)", errno: error.errno, sysctl: sysctl)
        } else {
          .refused(name, reason: "\(error)", errno: error.errno)
        }
      case .carrierLost: .carrierLost(name)
      case .carrierBack: .carrierBack(name)
      }
    return .interface(event, group: direction.endpoint)
  }

  /// An interface that the settings name and that stays missing.
  ///
  /// - Parameter origin: Of the setting.
  func event(missing reference: InterfaceReference, origin: Origin) -> Event {
    .interface(
      .missing(
        "\(reference)", what: MissingInterfaces.text(reference), present: MissingInterfaces.names(table),
        origin: "\(origin)"), group: direction.endpoint)
  }

  private func reason(of interface: NetworkInterface) -> String {
    "\(UnusableReason.ofLoss(interface, in: table, family: direction.group.family, isSending: isSending))"
  }
}

/// Selects the changes of sending that are reported. Where both directions use the same interfaces one entry
/// is enough: sending has its own only for a refusal, or when it ends and begins again while the group stays
/// joined. Pure.
struct SendingReportFilter: Equatable {
  /// Indices of interfaces whose end was reported, so that their return is reported too.
  private var returns: Set<UInt32> = []

  /// - Parameter memberships: Indices of the joined interfaces, if their reports cover both directions; nil
  ///   if sending is reported on its own.
  mutating func passes(_ change: InterfaceChange, memberships: Set<UInt32>?) -> Bool {
    guard let memberships else { return true }
    returns.formIntersection(memberships)
    switch change {
    case .refused: return true
    case .renamed, .carrierLost, .carrierBack: return false
    case .ended(let interface):
      guard memberships.contains(interface.index) else { return false }
      returns.insert(interface.index)
      return true
    case .began(let interface): return returns.remove(interface.index) != nil
    }
  }
}
