// SPDX-License-Identifier: Apache-2.0

import Glibc
import Multicast

/// What the checks look at together: what is wanted, the interfaces, and one time of listening.
///
/// Not Sendable: a doctor is one thread.
package final class DoctorContext {
  /// A group on one interface that is there.
  struct Target {
    var use: DoctorPlan.Use
    var entry: InterfaceTable.Entry

    var interface: NetworkInterface { entry.interface }
    var name: String { entry.interface.name }
  }

  let plan: DoctorPlan
  let table: InterfaceTable
  /// Every use on every interface that its choice means now.
  let targets: [Target]
  /// The kernel's lists before the doctor's own sockets are in them.
  let before: KernelLists
  /// One for each use, in their order.
  let receptions: [DoctorReceiver]
  let wire: WireTap
  let progress: (String) -> Void
  /// What the doctor sends itself: told apart from what others send.
  let probe = Array("mcastd doctor \(getpid()) \(UInt64.random(in: 0 ... .max))".utf8)
  /// What the time of listening brought. The first check that asks for it waits.
  private(set) lazy var listening = Listening(self)

  /// - Throws: `MulticastError.system` when the kernel does not tell of its interfaces.
  init(_ plan: DoctorPlan, progress: @escaping (String) -> Void) throws(MulticastError) {
    self.plan = plan
    self.progress = progress
    let table = try InterfaceTable.read()
    self.table = table
    before = KernelLists()
    var targets: [Target] = []
    for use in plan.uses {
      let route = try RouteQuery.interfaceIndex(to: use.group.address)
      let chosen = InterfaceSelection.resolve(
        use.interfaces, group: use.group.address, table: table, route: route)
      targets += chosen.compactMap { table[index: $0.index] }.map { Target(use: use, entry: $0) }
    }
    self.targets = targets
    // The wire first: what arrives between the two is then seen, not missed.
    wire = WireTap(families: Set(plan.uses.map(\.group.address.family)))
    receptions = plan.uses.map { use in
      DoctorReceiver(
        use, interfaces: targets.filter { $0.use == use }.map(\.interface.index), sources: plan.sources,
        receiveBuffer: plan.receiveBuffer)
    }
  }

  /// The targets, each interface once.
  var interfaces: [InterfaceTable.Entry] {
    var seen: Set<UInt32> = []
    return targets.map(\.entry).filter { seen.insert($0.interface.index).inserted }
  }
}

/// /proc/net at one moment.
struct KernelLists {
  let memberships = KernelMembership.all()
  let sockets = KernelSocket.all()
}
