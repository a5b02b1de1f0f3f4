// SPDX-License-Identifier: Apache-2.0

import Platform

extension PeersReply {
  /// As people look for them: whoever needs attention first, then by address.
  package func sorted() -> PeersReply {
    var reply = self
    reply.peers = peers.map { (key: SortKey($0), peer: $0) }.sorted { $0.key < $1.key }.map(\.peer)
    return reply
  }

  private struct SortKey: Comparable {
    private static let states = ["silent", "unknown", "late", "alive", "self"]

    private let rank: Int
    private let address: (Int, UInt64, UInt64, String)
    private let interface: String

    init(_ peer: PeerReply) {
      rank = Self.states.firstIndex(of: peer.state) ?? Self.states.count
      let parsed = IPAddress(peer.address)
      address = (
        parsed?.family == .ipv6 ? 1 : 0, parsed?.high ?? 0, parsed?.low ?? 0,
        parsed == nil ? peer.address : ""
      )
      interface = peer.interface
    }

    static func == (left: Self, right: Self) -> Bool {
      left.rank == right.rank && left.address == right.address && left.interface == right.interface
    }

    static func < (left: Self, right: Self) -> Bool {
      if left.rank != right.rank { return left.rank < right.rank }
      return left.address != right.address ? left.address < right.address : left.interface < right.interface
    }
  }

  /// A table for people.
  package func text() -> ConsoleText {
    guard !peers.isEmpty else { return "no peers: nobody but perhaps ourselves has sent two heartbeats\n" }
    let head = [
      "ADDRESS", "INTERFACE", "STATE", "LAST BEAT", "INTERVAL", "BEATS", "MISSED", "JITTER", "OFFSET", "NOTE",
    ]
    let rows = peers.map { peer in
      [
        peer.address, peer.interface.isEmpty ? "-" : peer.interface, peer.state,
        peer.beats == 0 ? "never" : DurationText.words(peer.ageUsec * 1000) + " ago",
        peer.intervalUsec == 0 ? "-" : DurationText.words(peer.intervalUsec * 1000), "\(peer.beats)",
        "\(peer.missed)", "\(peer.jitterUsec) µs", "\(peer.offsetUsec) µs", peer.note,
      ]
    }
    var text = ConsoleText.table(([head] + rows).map { row in row.map { "\($0)" } })
    if networkSilent { text += "The network is silent: all peers stopped at once.\n" }
    if refused > 0 { text += "\(refused) sources were turned away: peers.max is reached.\n" }
    return text
  }

  // MARK: For monitoring

  /// 0 where somebody is heard and nobody is silent or unknown, 1 where somebody is, 2 where nobody is heard.
  var checkStatus: Int32 {
    if count("alive") + count("late") == 0 { return ExitStatus.nothingHeard }
    return count("silent") + count("unknown") == 0 ? ExitStatus.success : ExitStatus.negative
  }

  /// One line: how many there are in each state, and whoever is silent or unknown.
  func checkText() -> ConsoleText {
    let states = ["alive", "late", "silent", "unknown"]
    var text: ConsoleText = "\(states.map { "\(count($0)) \($0)" }.joined(separator: ", "))"
    let missed = peers.filter { ["silent", "unknown"].contains($0.state) }
    let shown = missed.prefix(Self.shown).map { "\($0.address) \($0.state)" }
    if !missed.isEmpty { text += ": \(shown.joined(separator: ", "))" }
    if missed.count > Self.shown { text += " and \(missed.count - Self.shown) more" }
    return text + "\n"
  }

  /// Peers named in the line of a check.
  private static let shown = 10

  private func count(_ state: String) -> Int { peers.count { $0.state == state } }
}
