// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Multicast

/// What the journal says of peers.
struct PeerJournal {
  var events: EventLog
  var group: Endpoint

  func report(_ event: PeerInterfaces.Event, _ names: InterfaceNames) {
    let place = names.name(of: event.interface)
    switch event.event {
    case .discovered(let peer):
      tell(
        .peerDiscovered, peer, "alive", names,
        "peer \(name(peer, names)) is here")
    case .silent(let peer):
      tell(
        .peerSilent, peer, "silent", names, level: .warning,
        "peer \(name(peer, names)) is silent: nothing heard for \(Milliseconds.text(silence(peer))), expected every "
          + "\(Milliseconds.text(peer.interval))")
    case .back(let peer):
      tell(
        .peerBack, peer, "alive", names,
        "peer \(name(peer, names)) is back, after \(Milliseconds.text(peer.lastSilence)) of silence",
        silent: peer.lastSilence)
    case .evicted(let peer):
      tell(
        .peerEvicted, peer, peer.state.rawValue, names, level: .warning,
        "peer \(name(peer, names)) is not followed any more: as many peers as peers.max allows were established. Raise "
          + "peers.max, or name it in peers.expected.")
    case .forgotten, .unknown, .known: break
    case .networkSilent(let peers, _):
      events.report(
        .networkSilent, .error,
        "the network is silent: all \(peers) peers of \(group) on \(place) stopped at once, so it is more likely the "
          + "network or this host than they. See `mcastd doctor`.",
        fields.merging(["MCAST_PEERS": "\(peers)", "MCAST_INTERFACE": place]) { $1 })
    case .networkHeard(let peer, let span):
      events.report(
        .peerBack, .notice,
        "the network is heard again: peer \(peer.address) on \(place), after \(Milliseconds.text(span)) of silence; "
          + "the other peers are judged one by one",
        fields.merging([
          "MCAST_PEER": "\(peer.address)", "MCAST_INTERFACE": place,
          "MCAST_SILENT_USEC": "\(span / 1000)",
        ]) { $1 })
    }
  }

  /// A peer that is expected was not heard when it should have been.
  ///
  /// - Parameter waited: for how long it could have been heard, in nanoseconds.
  func report(missing address: IPAddress, waited: Int64) {
    events.report(
      .peerSilent, .warning,
      "peer \(address) is silent: it is expected (peers.expected) and was not heard since mcastd listens, "
        + "for \(Milliseconds.text(waited))",
      fields.merging([
        "MCAST_PEER": "\(address)", "MCAST_PEER_STATE": "silent", "MCAST_BEATS": "0",
        "MCAST_SILENT_USEC": "\(waited / 1000)",
      ]) { $1 })
  }

  /// Verdicts are suspended because of drops, or are not any more.
  func report(_ change: DropShare.Change) {
    switch change {
    case .suspended(let share):
      events.report(
        .verdictsSuspended, .warning,
        "the kernel drops \(Int(share * 100)) % of all datagrams, so that missing heartbeats say nothing of their "
          + "senders: nobody is called silent, and whoever is not heard is unknown. Raise receive-buffer, and "
          + "net.core.rmem_max with it.",
        fields.merging(["MCAST_DROPPED_PERCENT": "\(Int(share * 100))"]) { $1 })
    case .resumed(let span):
      events.report(
        .verdictsResumed, .notice,
        "the kernel drops little enough again: peers are judged as before, after \(Milliseconds.text(span))",
        fields.merging(["MCAST_SPAN_USEC": "\(span / 1000)"]) { $1 })
    }
  }

  /// - Parameter untold: how many events of peers have no entry.
  func report(untold: Int) {
    guard untold > 0 else { return }
    events.report(
      .summarised, .warning,
      "\(untold) events of peers have no entry of their own, there were too many at once: see `mcastd peers`",
      fields.merging(["MCAST_SUMMARISED": "\(untold)", "MCAST_REASON": "peers"]) { $1 })
  }

  func report(_ event: OwnHeartbeats.Event, _ names: InterfaceNames) {
    let place = names.name(of: event.interface)
    let fields = fields.merging(["MCAST_INTERFACE": place]) { $1 }
    switch event.event {
    case .notHeard(let unheard):
      events.report(
        .ownHeartbeatNotHeard, .error,
        "our own heartbeats to \(group) do not come back on \(place): \(unheard) were sent and none was heard. It "
          + "is this host, not the peers: a firewall, or a lost membership. See `mcastd doctor`.", fields)
    case .heardAgain(let span):
      events.report(
        .ownHeartbeatHeard, .notice,
        "our own heartbeats to \(group) come back again on \(place), after \(Milliseconds.text(span))", fields
      )
    }
  }

  private var fields: [String: String] { ["MCAST_GROUP": "\(group.address)", "MCAST_PORT": "\(group.port)"] }

  private func name(_ peer: PeerReport<PeerID>, _ names: InterfaceNames) -> String {
    "\(peer.id.address) on \(names.name(of: peer.id.interface))"
  }

  private func silence(_ peer: PeerReport<PeerID>) -> Int64 { max(0, peer.silence) }

  private func tell(
    _ kind: MessageKind, _ peer: PeerReport<PeerID>, _ state: String, _ names: InterfaceNames,
    level: EventLog.Level = .notice, _ text: String, silent: Int64? = nil
  ) {
    var all = fields
    all["MCAST_PEER"] = "\(peer.id.address)"
    all["MCAST_INTERFACE"] = names.name(of: peer.id.interface)
    all["MCAST_PEER_STATE"] = state
    all["MCAST_SILENT_USEC"] = "\((silent ?? silence(peer)) / 1000)"
    all["MCAST_INTERVAL_USEC"] = "\(peer.interval / 1000)"
    all["MCAST_BEATS"] = "\(peer.beats)"
    all["MCAST_MISSED"] = "\(peer.missed)"
    all["MCAST_MISSED_HERE"] = "\(peer.missedHere)"
    all["MCAST_DUPLICATES"] = "\(peer.duplicates)"
    all["MCAST_REORDERED"] = "\(peer.reordered)"
    all["MCAST_RESTARTS"] = "\(peer.restarts)"
    all["MCAST_JITTER_USEC"] = "\(peer.jitter / 1000)"
    all["MCAST_OFFSET_USEC"] = "\(peer.offset)"
    events.report(kind, level, text, all)
  }
}

extension PeerReport {
  /// Since its last beat, in nanoseconds.
  fileprivate var silence: Int64 { WallTime.sinceMonotonic(lastHeard) }
}
