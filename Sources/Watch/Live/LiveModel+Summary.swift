// SPDX-License-Identifier: Apache-2.0

import Platform

extension LiveModel {
  /// The line left on the terminal at exit.
  ///
  /// `239.1.1.1:5001 on eth0: 480 received in 2m00s; 3 peers alive, 1 silent (10.0.0.7)`
  func summary(at now: Int64) -> String {
    let place = interfaces.map { "on \($0)" } ?? "waiting for \(waitingFor)"
    let counts = peers.counts
    var text = "\(group) \(place): \(traffic.datagrams) received in \(ShortDuration.whole(now - started))"
    if traffic.dropped > 0 { text += ", \(traffic.dropped) dropped by the kernel" }
    let alive = counts.alive + counts.late
    text += "; \(alive) \(alive == 1 ? "peer" : "peers") alive"
    if counts.silent > 0 { text += ", \(counts.silent) silent (\(silentPeers))" }
    if counts.left > 0 { text += ", \(counts.left) left" }
    if counts.unknown > 0 { text += ", \(counts.unknown) unknown" }
    for impediment in impediments { text += "; \(impediment)" }
    return EscapedText.string(text.utf8, limit: 1000)
  }

  /// Names or addresses of silent peers: the first five in their order.
  private var silentPeers: String {
    let silent = PeerOrder.state.sorted(peers).filter { $0.state == .silent }
    let names = silent.prefix(5).map { "\($0.id.subject)" }.joined(separator: ", ")
    return silent.count > 5 ? names + ", ..." : names
  }
}
