// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Multicast
import Settings

/// The one line that `systemctl status` shows.
struct StatusLine {
  var settings: Settings
  /// Names of the interfaces in use, for receiving and for sending.
  var receiving: [String]
  var sending: [String]
  /// What is waited for: `eth0`; empty when nothing is.
  var waitingFor: [String]
  var ledger: Ledger
  var peers: PeerCounts?

  /// `239.1.1.1:5001 on eth0 · 42 received, 0 dropped · 3 peers alive, 1 silent`
  var text: String {
    var parts = [place]
    if !waitingFor.isEmpty { parts.append("waiting for \(waitingFor.joined(separator: ", "))") }
    if settings.subscribe.enabled {
      parts.append("\(ledger.received) received, \(ledger.kernelDropped) dropped")
    } else {
      parts.append("\(ledger.sent) sent, \(ledger.sendFailed) failed")
    }
    if let peers {
      let count = peers.alive + peers.late
      let alive = "\(count) \(count == 1 ? "peer" : "peers") alive"
      parts.append(peers.silent == 0 ? alive : "\(alive), \(peers.silent) silent")
    }
    return parts.joined(separator: " · ")
  }

  private var place: String {
    let (subscribe, publish) = (settings.subscribe, settings.publish)
    guard subscribe.enabled else { return "sending to " + Self.describe(publish, sending) }
    guard publish.enabled else { return "receiving " + Self.describe(subscribe, receiving) }
    if subscribe.endpoint == publish.endpoint, receiving == sending {
      return Self.describe(subscribe, receiving)
    }
    return "receiving \(Self.describe(subscribe, receiving)), sending to \(Self.describe(publish, sending))"
  }

  private static func describe(_ direction: Settings.Direction, _ interfaces: [String]) -> String {
    guard !interfaces.isEmpty else { return "\(direction.endpoint)" }
    let isOnlyLoopback = interfaces == ["lo"] && direction.interfaces == .automatic
    return "\(direction.endpoint) on \(interfaces.joined(separator: ", "))"
      + (isOnlyLoopback ? " (there is no other interface)" : "")
  }
}
