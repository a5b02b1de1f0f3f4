// SPDX-License-Identifier: Apache-2.0

import Journal
import Multicast
import Platform
import Settings

/// The journal entry for a change of interfaces in one direction. Pure.
struct InterfaceReport {
  struct Entry {
    var kind: MessageKind
    var level: JournalPriority
    var text: String
    var fields: [String: String]
  }

  var direction: Settings.Direction
  var isSending: Bool
  /// The present interfaces.
  var table: InterfaceTable
  /// Interfaces waited for, with the reason: `eth0 (it is down)`.
  var waitingFor: [String]

  func entry(for change: InterfaceChange) -> Entry {
    let verb = "\(isSending ? "sending to" : "joined") \(direction.endpoint)"
    switch change {
    case .began(let interface):
      let place = interface.address(for: direction.group).map { "\(interface.name) (\($0))" }
      return entry(change, .interfaceJoined, .notice, "\(verb) on \(place ?? interface.name)")
    case .renamed(let old, let interface):
      return entry(
        change, .interfaceJoined, .notice, "\(verb) on \(interface.name), which was called \(old)")
    case .ended(let interface): return entry(change, .interfaceLost, .warning, loss(of: interface))
    case .refused(let interface, let error): return refusal(change, interface, error)
    case .carrierBack(let interface):
      return entry(change, .interfaceJoined, .notice, "\(interface.name) has a carrier again")
    case .carrierLost(let interface):
      return entry(
        change, .interfaceLost, .warning,
        "\(interface.name) has no carrier: nothing is received on it, and its peers are unknown. "
          + "Check the cable, the switch port or the other end.")
    }
  }

  /// An interface that the settings name and that stays missing.
  ///
  /// - Parameter origin: Of the setting.
  func entry(missing reference: InterfaceReference, origin: Origin) -> Entry {
    Entry(
      kind: .interfaceMissing, level: .warning,
      text: "\(MissingInterfaces.text(reference)), for 30 s now: nothing is sent or heard there. There are "
        + "\(MissingInterfaces.names(table)). The name is from \(origin): correct it if it is wrong; the "
        + "interface is used as soon as it appears.",
      fields: direction.endpoint.eventFields.merging(["MCAST_INTERFACE": "\(reference)"]) { $1 })
  }

  private func loss(of interface: NetworkInterface) -> String {
    let next =
      waitingFor.isEmpty
      ? "" : " Waiting for \(waitingFor.joined(separator: ", ")); nothing needs to be restarted."
    let reason = UnusableReason.ofLoss(
      interface, in: table, family: direction.group.family, isSending: isSending)
    let what = isSending ? "nothing is sent to" : "not listening to"
    return "\(reason): \(what) \(direction.endpoint) on it any more.\(next)"
  }

  private func refusal(
    _ change: InterfaceChange, _ interface: NetworkInterface, _ error: MulticastError
  ) -> Entry {
    var entry: Entry
    if let sysctl = error.exceededLimit(direction.group.family) {
      entry = self.entry(
        change, .membershipLimit, .warning,
        "cannot join \(direction.group) on \(interface.name): \(error). The kernel's limit on memberships is "
          + "reached: raise it with `sysctl \(sysctl)=N`.")
    } else {
      entry = self.entry(
        change, .interfaceLost, .warning,
        "cannot use \(interface.name) for \(direction.endpoint): \(error). It is tried again.")
    }
    entry.fields["ERRNO"] = "\(error.errno)"
    return entry
  }

  private func entry(
    _ change: InterfaceChange, _ kind: MessageKind, _ level: JournalPriority, _ text: String
  ) -> Entry {
    Entry(
      kind: kind, level: level, text: text,
      fields: direction.endpoint.eventFields.merging(["MCAST_INTERFACE": change.interface.name]) { $1 })
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
