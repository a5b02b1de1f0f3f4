// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Glibc
import Multicast
import Platform
import Settings

/// Keeps the loops on the interfaces that the configuration asks for, as they come and go.
extension Daemon {
  /// Something may have changed: looks, once the changes before are through. A storm of events is looked at
  /// once.
  func reconcile() async {
    guard !mustReconcile else { return }
    mustReconcile = true
    await changes.run { _ = await self.reconcileNow() }
  }

  /// Compares what is wanted with what is, brings the two together, and tells what changed. Only from within
  /// `changes`.
  ///
  /// - Returns: what the system refused.
  @discardableResult
  func reconcileNow() async -> [MulticastError] {
    // What happens from here on needs another look.
    mustReconcile = false
    guard !isStopping else { return [] }
    let refusals = await compareAndJoin()
    if refusals.isEmpty { backoff.reset() } else { retryLater() }
    updateStatus()
    return refusals
  }

  private func compareAndJoin() async -> [MulticastError] {
    let table: InterfaceTable
    do {
      table = try InterfaceTable.read()
    } catch {
      return [error]
    }
    let receive = plan(settings.subscribe, isSending: false, in: table)
    let send = plan(settings.publish, isSending: true, in: table, sources: await publisher.sources)
    let refusedJoins = await subscriber.join(receive.usable, awaited: receive.names)
    let refusedSenders = await publisher.use(send.usable, atOnce: false)
    await subscriber.setSenders(publisher.places, areExpected: ownHeartbeatsReturn)
    // Not before the subscriber knows them: our own heartbeats from a sender that it does not know would be a
    // peer's.
    await publisher.sendFromAll()
    waitingFor = (receive.waitingFor + send.waitingFor).reduce(into: []) {
      if !$0.contains($1) { $0.append($1) }
    }
    for change in receiving.note(tried: receive.usable, refused: refusedJoins) {
      report(change, settings.subscribe, isSending: false, table)
    }
    for change in sending.note(tried: send.usable, refused: refusedSenders) where mustTell(change) {
      report(change, settings.publish, isSending: true, table)
    }
    sending.forgetReturns(except: receiving.active.keys)
    interfaceNames = receive.found.merging(send.found) { $1 }
    tellOfMissing(receive.missing + send.missing.filter { !receive.missing.contains($0) }, in: table)
    await followCarriers(table)
    return Array(refusedJoins.values) + Array(refusedSenders.values)
  }

  /// Nobody is heard without a carrier; when it is back, a switch has to be told of us again.
  private func followCarriers(_ table: InterfaceTable) async {
    let change = carriers.note(receiving.active.keys, in: table)
    for index in change.lost { report(hasCarrier: false, receiving.active[index]) }
    for index in change.back {
      report(hasCarrier: true, receiving.active[index])
      await subscriber.renew(on: index)
    }
    await subscriber.setWithoutCarrier(carriers.missing)
  }

  private func report(hasCarrier: Bool, _ interface: NetworkInterface?) {
    guard let interface else { return }
    let fields = eventFields.merging(["MCAST_INTERFACE": interface.name]) { $1 }
    if hasCarrier {
      events.report(.interfaceJoined, .notice, "\(interface.name) has a carrier again", fields)
    } else {
      events.report(
        .interfaceLost, .warning,
        "\(interface.name) has no carrier: nobody is heard on it, and peers there are unknown. "
          + "See to the cable, the switch port or the other end.", fields)
    }
  }

  /// Where both directions agree, one entry is enough: sending is told of on its own only when it is refused,
  /// or when it ends and begins again while the group stays joined.
  private func mustTell(_ change: InterfaceUse.Change) -> Bool {
    guard settings.subscribe.enabled, settings.subscribe.interfaces == settings.publish.interfaces else {
      return true
    }
    switch change {
    case .refused: return true
    case .renamed: return false
    case .ended(let interface):
      guard receiving.active[interface.index] != nil else { return false }
      sending.expectReturn(of: interface)
      return true
    case .began(let interface): return sending.takeReturn(of: interface)
    }
  }

  private func plan(
    _ direction: Settings.Direction, isSending: Bool, in table: InterfaceTable,
    sources: [UInt32: IPAddress] = [:]
  ) -> InterfacePlan {
    guard direction.enabled else { return InterfacePlan() }
    return InterfacePlan(
      direction.interfaces, group: direction.group, isSending: isSending, table: table,
      route: route(for: direction), sources: sources, former: interfaceNames)
  }

  private func route(for direction: Settings.Direction) -> UInt32? {
    guard direction.interfaces == .automatic else { return nil }
    do throws(MulticastError) {
      return try RouteQuery.interfaceIndex(to: direction.group)
    } catch {
      events.debug("\(error)")
      return nil
    }
  }

  /// Whether our own heartbeats should be heard by ourselves.
  private var ownHeartbeatsReturn: Bool {
    let (publish, subscribe) = (settings.publish, settings.subscribe)
    return publish.enabled && subscribe.enabled && publish.endpoint == subscribe.endpoint && settings.loopback
      && settings.sources.isEmpty
  }

  private func retryLater() {
    guard let delay = backoff.schedule() else { return }
    executor.queue.asyncAfter(deadline: .now() + .nanoseconds(Int(delay))) { [weak self] in
      guard let self else { return }
      Task { await self.retry() }
    }
  }

  private func retry() async {
    backoff.began()
    await reconcile()
  }

  private func report(
    _ change: InterfaceUse.Change, _ direction: Settings.Direction, isSending: Bool, _ table: InterfaceTable
  ) {
    let verb = "\(isSending ? "sending to" : "joined") \(direction.endpoint)"
    var fields = ["MCAST_GROUP": "\(direction.group)", "MCAST_PORT": "\(direction.port)"]
    switch change {
    case .began(let interface):
      fields["MCAST_INTERFACE"] = interface.name
      events.report(
        .interfaceJoined, .notice, "\(verb) on \(interface.described(for: direction.group))", fields)
    case .renamed(let old, let interface):
      fields["MCAST_INTERFACE"] = interface.name
      events.report(
        .interfaceJoined, .notice, "\(verb) on \(interface.name), which was called \(old)", fields)
    case .ended(let interface):
      fields["MCAST_INTERFACE"] = interface.name
      let next =
        waitingFor.isEmpty
        ? "" : " Waiting for \(waitingFor.joined(separator: ", ")); nothing needs to be restarted."
      let fate = InterfaceFate.text(
        of: interface, in: table, family: direction.group.family, isSending: isSending)
      events.report(
        .interfaceLost, .warning,
        "\(fate): \(isSending ? "nothing is sent to" : "not listening to") \(direction.endpoint) on it any more.\(next)",
        fields)
    case .refused(let interface, let error):
      fields["MCAST_INTERFACE"] = interface.name
      fields["ERRNO"] = error.errno.map(String.init)
      if let sysctl = MembershipLimit.sysctl(error, group: direction.group, sources: settings.sources) {
        events.report(
          .membershipLimit, .warning,
          "cannot join \(direction.group) on \(interface.name): \(error). The kernel's limit on memberships is "
            + "reached: raise it with `sysctl \(sysctl)=N`.", fields)
      } else {
        events.report(
          .interfaceLost, .warning,
          "cannot use \(interface.name) for \(direction.endpoint): \(error). It is tried again.", fields)
      }
    }
  }

  /// - Parameter granted: bytes, as the kernel granted them.
  func reportClamping(_ granted: Int) {
    guard granted < settings.receiveBuffer else { return }
    events.report(
      .receiveBufferClamped, .warning,
      "the kernel granted a receive buffer of \(granted) bytes instead of \(settings.receiveBuffer) "
        + "(receive-buffer): raise it with `sysctl net.core.rmem_max=\(settings.receiveBuffer)`.",
      ["MCAST_GRANTED": "\(granted)", "MCAST_WANTED": "\(settings.receiveBuffer)"])
  }
}

extension NetworkInterface {
  /// `eth0 (10.0.0.5)`, or `eth0` where there is no address of the group's family.
  fileprivate func described(for group: IPAddress) -> String {
    address(for: group).map { "\(name) (\($0))" } ?? name
  }
}
