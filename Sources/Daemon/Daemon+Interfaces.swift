// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Glibc
import Multicast
import Settings

/// Keeps the loops on the interfaces that the configuration asks for, as they come and go.
extension Daemon {
  /// Something may have changed: looks, once the changes before are through.
  func reconcile() async {
    await changes.run { _ = await self.reconcileNow() }
  }

  /// Compares what is wanted with what is, brings the two together, and tells what changed. Only from within `changes`.
  ///
  /// - Returns: what the system refused.
  @discardableResult
  func reconcileNow() async -> [MulticastError] {
    let refusals = await compareAndJoin()
    if receiving.hasRefusals || sending.hasRefusals { retryLater() } else { backoff.reset() }
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
    let (receive, send) = (wanted(settings.subscribe, in: table), wanted(settings.publish, in: table))
    let refusedJoins = await subscriber.join(receive)
    let refusedSenders = await publisher.use(send)
    await subscriber.setOwnPorts(publisher.sourcePorts, areExpected: ownHeartbeatsReturn)
    waitingFor = missing(in: table)
    for change in receiving.note(tried: receive, refused: refusedJoins) {
      report(change, settings.subscribe, verb: "joined \(settings.subscribe.endpoint)")
    }
    // Where both directions agree, one entry is enough.
    let isTold = settings.subscribe.enabled && settings.subscribe.interfaces == settings.publish.interfaces
    for change in sending.note(tried: send, refused: refusedSenders) {
      if isTold, case .refused = change {} else if isTold { continue }
      report(change, settings.publish, verb: "sending to \(settings.publish.endpoint)")
    }
    return Array(refusedJoins.values) + Array(refusedSenders.values)
  }

  private func wanted(_ direction: Settings.Direction, in table: InterfaceTable) -> [NetworkInterface] {
    guard direction.enabled else { return [] }
    let route: UInt32?
    do throws(MulticastError) {
      route =
        direction.interfaces == .automatic ? try RouteQuery.interfaceIndex(to: direction.group) : nil
    } catch {
      events.debug("\(error)")
      route = nil
    }
    return InterfaceSelection.resolve(
      direction.interfaces, group: direction.group, table: table, route: route
    ).filter(\.isUp)
  }

  /// Whether our own heartbeats should be heard by ourselves.
  private var ownHeartbeatsReturn: Bool {
    let (publish, subscribe) = (settings.publish, settings.subscribe)
    return publish.enabled && subscribe.enabled && publish.endpoint == subscribe.endpoint && settings.loopback
      && settings.sources.isEmpty
  }

  /// What the configuration names and is not there, or is down.
  private func missing(in table: InterfaceTable) -> [String] {
    var names: [String] = []
    for direction in [settings.subscribe, settings.publish] where direction.enabled {
      switch direction.interfaces {
      case .automatic:
        if wanted(direction, in: table).isEmpty { names.append("an interface") }
      case .listed(let references):
        for reference in references {
          let interface = table.interfaces.first(where: reference.matches)
          if interface == nil {
            names.append("\(reference)")
          } else if interface?.isUp == false {
            names.append("\(reference) (it is down)")
          }
        }
      }
    }
    return names.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  private func retryLater() {
    let delay = DispatchTimeInterval.nanoseconds(Int(backoff.take()))
    executor.queue.asyncAfter(deadline: .now() + delay) { [weak self] in
      guard let self else { return }
      Task { await self.reconcile() }
    }
  }

  private func report(_ change: InterfaceUse.Change, _ direction: Settings.Direction, verb: String) {
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
      events.report(
        .interfaceLost, .warning,
        "\(interface.name) is gone, down or no longer chosen for \(direction.endpoint).\(next)",
        fields)
    case .refused(let interface, let error):
      fields["MCAST_INTERFACE"] = interface.name
      fields["ERRNO"] = error.errno.map(String.init)
      if error.errno == ENOBUFS {
        events.report(
          .membershipLimit, .warning,
          "cannot join \(direction.group) on \(interface.name): \(error). The kernel's limit on memberships is "
            + "reached: raise it with `sysctl net.ipv4.igmp_max_memberships=N`.", fields)
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

extension MulticastError {
  /// The interface went away between looking and asking: not a fault, but something to wait for.
  var isMissingInterface: Bool {
    switch self {
    case .noInterface: true
    case .system(_, _, let errno): [ENODEV, ENXIO, EADDRNOTAVAIL, ENETDOWN].contains(errno)
    }
  }
}
