// SPDX-License-Identifier: Apache-2.0

import Journal
import Liveness
import Settings

/// The STATUS= line that `systemctl status` shows.
struct StatusLine {
  var settings: Settings
  /// Names of the interfaces in use, for receiving and for sending.
  var receiving: [String]
  var sending: [String]
  /// Interfaces that do not exist or cannot be used now: `eth0`, `eth0 (it is down)`.
  var waitingFor: [String]
  var ledger: Ledger
  var peers: PeerCounts?
  var conditions: [Condition] = []

  /// `239.1.1.1:5001 on eth0 · 42 received, 0 dropped · 3 peers alive, 1 silent, 2 unknown · cannot send on
  /// eth0`
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
      var text = "\(count) \(count == 1 ? "peer" : "peers") alive"
      if peers.silent > 0 { text += ", \(peers.silent) silent" }
      if peers.left > 0 { text += ", \(peers.left) left" }
      if peers.unknown > 0 { text += ", \(peers.unknown) unknown" }
      parts.append(text)
    }
    // A missing interface is listed above as waited for.
    parts += Condition.texts(
      waitingFor.isEmpty ? conditions : conditions.filter { $0.kind != .interfaceGone })
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
