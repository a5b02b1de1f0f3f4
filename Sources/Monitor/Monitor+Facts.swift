// SPDX-License-Identifier: Apache-2.0

import Facts
import Heartbeat
import Liveness
import Platform

extension Monitor {
  /// Hosts of which changed readings are told at once.
  static let hostsAtOnce = 500

  /// Takes the readings of a datagram, after it was given to `handle`. Allocates nothing where they are the
  /// same as before.
  ///
  /// - Parameter payload: Of the datagram.
  package mutating func noteReadings(_ payload: UnsafeRawBufferPointer, of datagram: Datagram) {
    guard datagram.origin == .peer, let outline = datagram.outline, let said = outline.said,
      let host = said.host, !isRefused(datagram) || datagram.standing == .namesake,
      let arrival = liveness.knownArrival(datagram.received)
    else { return }
    let peer = PeerID(said, from: datagram.source.address, interface: datagram.interface)
    if !facts.isKnown(host) {
      // Who is heard once is no peer: it takes no memory here.
      guard !outline.readings.isEmpty, liveness.interfaces.report(of: peer) != nil else { return }
    }
    advanceRules(to: arrival)
    let interval = said.every > 0 ? said.every : liveness.interfaces.report(of: peer)?.interval
    facts.hear(
      payload, outline, from: datagram.source.address, proof: datagram.proof, datagram.standing,
      arrival: arrival, interval: interval)
    judgeRules(of: rules.awaits(host) ? host : nil, at: arrival)
  }

  /// What changed of what hosts say.
  mutating func toldReadings(of group: Endpoint, now: Int64) -> [Directive] {
    facts.takeChanges(at: now, limit: Self.hostsAtOnce).flatMap { changes in
      ReadingsEvent.events(of: changes).map { .tell(.readings($0, group: group)) }
    }
  }

  /// Forgets what is said by hosts that are gone.
  mutating func forgetGoneHosts(now: Int64) {
    facts.forget(at: now) { !liveness.interfaces.reports(of: .name($0)).isEmpty }
  }
}
