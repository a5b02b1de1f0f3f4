// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Liveness
import Platform

extension Facts {
  /// A host whose readings count.
  package struct Sender {
    package let host: HostName
    /// Of its heartbeats, in nanoseconds; nil where it is not known.
    package let interval: Int64?
  }

  /// Whose readings a heartbeat has; nil where they do not count, as it has no name, or its sender is no
  /// peer: who was heard once takes no memory here.
  ///
  /// - Parameters:
  ///   - interface: Its number.
  ///   - peers: Must have heard it.
  ///   - isPeer: Whether its sender counts as a peer whatever `peers` says.
  package func sender(
    of outline: Heartbeat.Outline, from address: IPAddress, on interface: Int32, among peers: GroupLiveness,
    isPeer: Bool = false
  ) -> Sender? {
    guard let said = outline.said, let host = said.host else { return nil }
    let peer = PeerID(said, from: address, interface: interface)
    if !isKnown(host) {
      guard !outline.readings.isEmpty, isPeer || peers.interfaces.report(of: peer) != nil else { return nil }
    }
    return Sender(
      host: host, interval: said.every > 0 ? said.every : peers.interfaces.report(of: peer)?.interval)
  }

  /// Forgets hosts that are none of these, once they are not heard any more or others need the room; to be
  /// called about once a second.
  package mutating func forget(at now: Int64, notAmong peers: GroupLiveness) {
    forget(at: now) { !peers.interfaces.reports(of: .name($0)).isEmpty }
  }
}
