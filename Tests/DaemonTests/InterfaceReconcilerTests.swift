// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Daemon
@testable import Journal
@testable import Monitor
@testable import Multicast
@testable import Platform
@testable import Settings

/// What the journal is told of interfaces, decided without a kernel.
struct InterfaceReconcilerTests {
  private static let second: Int64 = 1_000_000_000
  private let eth0 = NetworkInterface(
    index: 2, name: "eth0", flags: 0x1_1043,
    addresses: [IPAddress(family: .ipv4, high: 0, low: 0x0a00_0001)])

  private func changes(
    received: [InterfaceChange] = [], sent: [InterfaceChange] = [], memberships: Set<UInt32> = [2]
  ) -> InterfaceReconciler.Changes {
    InterfaceReconciler.Changes(received: received, sent: sent, memberships: memberships)
  }

  private func texts(
    _ reconciler: inout InterfaceReconciler, _ settings: Settings, _ changes: InterfaceReconciler.Changes
  ) -> [String] {
    reconciler.events(settings, changes, .init(), in: InterfaceTable(), now: 0)
      .compactMap { EventCatalogue.entry(of: $0)?.message }
  }

  @Test("where both directions use the same interfaces one entry is enough")
  func oneEntry() throws {
    let settings = try Settings.with([.interface: "eth0"])
    var reconciler = InterfaceReconciler()
    let began = changes(received: [.began(eth0)], sent: [.began(eth0)])
    #expect(texts(&reconciler, settings, began) == ["joined 239.1.1.1:5001 on eth0 (10.0.0.1)"])
    // Sending alone ends and begins again, for want of an address.
    #expect(texts(&reconciler, settings, changes(sent: [.ended(eth0)])).count == 1)
    #expect(
      texts(&reconciler, settings, changes(sent: [.began(eth0)]))
        == ["sending to 239.1.1.1:5001 on eth0 (10.0.0.1)"])
  }

  @Test("directions on different interfaces have entries of their own")
  func twoEntries() throws {
    let settings = try Settings.with([.subscribeInterface: "eth0", .publishInterface: "eth1"])
    var reconciler = InterfaceReconciler()
    let began = changes(received: [.began(eth0)], sent: [.began(eth0)])
    #expect(texts(&reconciler, settings, began).count == 2)
  }

  @Test("an interface that stays missing is reported once, after 30 s, with the origin of its name")
  func missing() throws {
    let settings = try Settings.with([.interface: "eth9"])
    var reconciler = InterfaceReconciler()
    func entries(at seconds: Int64) -> [EventEntry] {
      let plans = reconciler.plans(settings, in: InterfaceTable(), routes: (nil, nil), sources: [:])
      return reconciler.events(settings, changes(), plans, in: InterfaceTable(), now: seconds * Self.second)
        .compactMap { EventCatalogue.entry(of: $0) }
    }
    #expect(entries(at: 0).isEmpty && reconciler.nextDue == 30 * Self.second)
    #expect(reconciler.waitingFor == ["eth9"])
    let entry = try #require(entries(at: 30).first)
    #expect(entry.kind == .interfaceMissing && entry.priority == .warning)
    #expect(entry.fields["MCAST_INTERFACE"] == "eth9" && entry.fields["MCAST_GROUP"] == "239.1.1.1")
    #expect(
      entry.message == "no interface is called eth9, for 30 s now: nothing is sent or heard there. There are "
        + ". The name is from --interface on the command line: correct it if it is wrong; the interface is "
        + "used as soon as it appears.")
    #expect(entries(at: 90).isEmpty && reconciler.nextDue == nil)
  }

  @Test("a direction that is off waits for nothing")
  func off() throws {
    let settings = try Settings.with([.publishInterface: "eth9", .publishEnabled: "no"])
    var reconciler = InterfaceReconciler()
    let plans = reconciler.plans(settings, in: InterfaceTable(), routes: (nil, nil), sources: [:])
    #expect(plans.send == InterfacePlan() && !reconciler.waitingFor.contains("eth9"))
  }
}
