// SPDX-License-Identifier: Apache-2.0

extension PeersReply {
  /// A table for people.
  func text() -> ConsoleText {
    guard !peers.isEmpty else { return "no peers: nobody but perhaps ourselves has sent two heartbeats\n" }
    let head = [
      "ADDRESS", "INTERFACE", "STATE", "LAST BEAT", "INTERVAL", "BEATS", "MISSED", "JITTER", "OFFSET", "NOTE",
    ]
    let rows = peers.map { peer in
      [
        peer.address, peer.interface.isEmpty ? "-" : peer.interface, peer.state,
        peer.beats == 0 ? "never" : Milliseconds.text(peer.ageUsec * 1000) + " ago",
        peer.intervalUsec == 0 ? "-" : Milliseconds.text(peer.intervalUsec * 1000), "\(peer.beats)",
        "\(peer.missed)", "\(peer.jitterUsec) µs", "\(peer.offsetUsec) µs", peer.note,
      ]
    }
    var text = ConsoleText.table(([head] + rows).map { row in row.map { "\($0)" } })
    if networkSilent { text += "The network is silent: all peers stopped at once.\n" }
    if refused > 0 { text += "\(refused) sources were turned away: peers.max is reached.\n" }
    return text
  }
}
