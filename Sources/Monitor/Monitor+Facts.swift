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
    guard datagram.origin == .peer, let outline = datagram.outline,
      !isRefused(datagram) || datagram.standing == .namesake,
      let arrival = liveness.knownArrival(datagram.received),
      let sender = facts.sender(
        of: outline, from: datagram.source.address, on: datagram.interface, among: liveness)
    else { return }
    advanceRules(to: arrival)
    facts.hear(
      payload, outline, from: datagram.source.address, proof: datagram.proof, datagram.standing,
      arrival: arrival, interval: sender.interval)
    judgeRules(of: rules.awaits(sender.host) ? sender.host : nil, at: arrival)
  }

  /// What changed of what hosts say.
  mutating func toldReadings(of group: Endpoint, now: Int64) -> [Directive] {
    facts.takeChanges(at: now, limit: Self.hostsAtOnce).flatMap { changes in
      ReadingsEvent.events(of: changes).map { .tell(.readings($0, group: group)) }
    }
  }

  /// Forgets what is said by hosts that are gone.
  mutating func forgetGoneHosts(now: Int64) {
    facts.forget(at: now, notAmong: liveness)
  }
}
