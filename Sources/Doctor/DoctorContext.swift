// SPDX-License-Identifier: Apache-2.0

import Glibc
import Multicast
import Platform

/// What the checks share: the plan, the interfaces, sockets, and one period of listening.
///
/// Not Sendable: the doctor has one thread.
final class DoctorContext {
  /// A group on one existing interface.
  struct Target {
    var use: DoctorPlan.Use
    var entry: InterfaceTable.Entry
    /// The configured interfaces that are ports of this one.
    var ports: [String]
    /// The VRF that the interface is a port of.
    var vrf: String?

    var interface: NetworkInterface { entry.interface }
    var name: String { entry.interface.name }
    var place: PacketCapture.Place { PacketCapture.Place(interface: interface.index, group: use.group) }
  }

  let plan: DoctorPlan
  let table: InterfaceTable
  /// Every use on every interface that mcastd would use, or wait for, now.
  let targets: [Target]
  /// The kernel's lists without the doctor's own sockets.
  let before: ProcLists
  /// One for each use, in their order.
  let receptions: [DoctorReceiver]
  let wire: PacketCapture
  let progress: (String) -> Void
  /// The payload of the doctor's own datagrams, to tell them from others'.
  let payload = LoopbackProbe.payload()
  /// The result of listening. The first check that asks for it waits.
  private(set) lazy var listening = Listening(self)
  /// The packet filter's rules. The first check that asks for them runs the programs that print them.
  private(set) lazy var firewall = FirewallReading()
  private var probes: [PacketCapture.Place: LoopbackProbe.Outcome] = [:]

  /// - Throws: `MulticastError.system` when the interfaces cannot be read.
  init(_ plan: DoctorPlan, progress: @escaping (String) -> Void) throws(MulticastError) {
    self.plan = plan
    self.progress = progress
    let table = try InterfaceTable.read()
    self.table = table
    before = ProcLists()
    var targets: [Target] = []
    for use in plan.uses {
      let route = try RouteQuery.interfaceIndex(for: use.interfaces, to: use.group.address)
      let chosen = InterfacePlan.chosen(use.interfaces, group: use.group.address, table: table, route: route)
      targets += chosen.map { choice in
        let master = choice.entry.master.flatMap { table[index: $0] }
        return Target(
          use: use, entry: choice.entry, ports: choice.ports,
          vrf: master?.kind == "vrf" ? master?.interface.name : nil)
      }
    }
    self.targets = targets
    wire = PacketCapture(families: Set(plan.uses.map(\.group.address.family)))
    receptions = plan.uses.map { use in
      DoctorReceiver(
        use, interfaces: targets.filter { $0.use == use }.map(\.interface), sources: plan.sources,
        receiveBuffer: plan.receiveBuffer)
    }
  }

  /// The targets, each interface once.
  var interfaces: [InterfaceTable.Entry] {
    var seen: Set<UInt32> = []
    return targets.map(\.entry).filter { seen.insert($0.interface.index).inserted }
  }

  /// The outcome of the loopback probe. The first check that asks sends it.
  func probe(_ target: Target) -> LoopbackProbe.Outcome {
    if let outcome = probes[target.place] { return outcome }
    let outcome = LoopbackProbe(payload: payload, wire: wire).run(target.use.group, on: target.interface)
    probes[target.place] = outcome
    return outcome
  }

  /// The firewall's verdict on a packet, by the chains that `isMeant` selects.
  func judge(_ packet: FirewallPacket, where isMeant: (FirewallChain) -> Bool = { _ in true })
    -> Firewall.Judgement
  {
    // Chains without a hook are only jumped to.
    Firewall.judge(packet, by: firewall.chains.filter { $0.directions.isEmpty || isMeant($0) })
  }
}

// Observations: they overrule what follows from rules and settings.
extension DoctorContext {
  /// Whether datagrams from other hosts reached a socket here.
  func hearsOthers(_ target: Target) -> Bool {
    guard let heard = listening.heard[target.place] else { return false }
    return !heard.sources.isSubset(of: table.interfaces.flatMap(\.addresses))
  }

  /// Datagrams of accepted sources that were captured and reached no socket.
  func lost(_ target: Target) -> Loss {
    Loss(
      arrived: wire.arrivals[target.place] ?? .init(), heard: listening.heard[target.place] ?? .init(),
      wanted: plan.sources)
  }

  /// The VRF in which sockets that are bound to no device, as mcastd's are, receive nothing.
  func vrfWithoutL3mdevAccept(_ target: Target) -> String? {
    Self.vrfWithoutL3mdevAccept(
      target.vrf, accept: ProcFile.number("/proc/sys/net/ipv4/udp_l3mdev_accept"),
      isHeard: {
        if case .heard = probe(target) { return true }
        return hearsOthers(target)
      })
  }

  /// - Parameter accept: of udp_l3mdev_accept (Documentation/networking/vrf.rst), for IPv6 as well; nil where
  ///   it cannot be read.
  static func vrfWithoutL3mdevAccept(_ vrf: String?, accept: Int?, isHeard: () -> Bool) -> String? {
    guard let vrf, accept == 0, !isHeard() else { return nil }
    return vrf
  }
}

/// /proc/net at one moment.
struct ProcLists {
  let memberships = ProcMembership.all()
  let sockets = ProcSocket.all()
}
