// SPDX-License-Identifier: Apache-2.0

import Glibc
import Multicast

extension DoctorCheck {
  /// Does the host hear on each interface what it sends there?
  ///
  /// The datagram has TTL 0, so that it goes round inside the host only; members on this host hear it too. It passes
  /// the firewall's output and input as a heartbeat does.
  static let loopback = DoctorCheck(name: "loopback") { context in
    var seen: Set<WireTap.Place> = []
    return context.targets
      .filter { seen.insert(WireTap.Place(interface: $0.interface.index, group: $0.use.group)).inserted }
      .map { examine($0, probe: context.probe) }
  }

  private static func examine(_ target: DoctorContext.Target, probe: [UInt8]) -> Result {
    let index = target.interface.index
    guard target.interface.isUp else {
      return .unknown("nothing was sent", on: target.name, meaning: "the interface is down")
    }
    let receiver: MulticastReceiver
    do throws(MulticastError) {
      // Of any source: where sources are listed, this host is rarely among them.
      receiver = try MulticastReceiver(group: target.use.group, receiveBuffer: 1 << 16)
      try receiver.join(interfaceIndex: index)
    } catch {
      return .unknown("\(error)", on: target.name, meaning: "without a membership nothing can come back")
    }
    do throws(MulticastError) {
      let sender = try MulticastSender(
        group: target.use.group, interface: target.interface, options: .init(ttl: 0, loopback: true))
      if let errno = probe.withUnsafeBytes({ sender.send($0) }) {
        throw .system(call: "sendto", object: "\(target.use.group)", errno: errno)
      }
    } catch {
      return .problem(
        "\(error)", on: target.name, meaning: "nothing can be sent there",
        action: error.errno == EPERM
          ? "let the firewall's output accept it" : "see what the other checks say of the interface")
    }
    if hears(receiver, probe, on: index) {
      return .ok("heard what was sent to \(target.use.group)", on: target.name)
    }
    return .problem(
      "sent to \(target.use.group) and heard nothing", on: target.name,
      meaning: "it was lost inside this host, most likely in the firewall's input",
      action: "nft list ruleset, or iptables-save")
  }

  /// Waits a second at most.
  private static func hears(_ receiver: MulticastReceiver, _ probe: [UInt8], on index: UInt32) -> Bool {
    let end = ContinuousClock.now + .seconds(1)
    var isHeard = false
    while !isHeard {
      let count = try? receiver.receive { datagram in
        if datagram.interfaceIndex == index, datagram.payload.elementsEqual(probe) { isHeard = true }
      }
      let rest = end - .now
      guard rest > .zero else { break }
      if count == 0 { awaitInput([receiver.descriptor], atMost: rest) }
    }
    return isHeard
  }
}
