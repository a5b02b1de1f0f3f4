// SPDX-License-Identifier: Apache-2.0

import Liveness
import Platform

/// The journal entries about peers: texts and fields.
package struct PeerJournal {
  package var events: EventLog
  package var group: Endpoint

  package init(events: EventLog, group: Endpoint) {
    self.events = events
    self.group = group
  }

  /// An event of one peer, or of several.
  func report(_ entry: EventRateLimiter.Entry, _ names: InterfaceNames) {
    if entry.count > 1 { return reportAll(entry, names) }
    switch entry.event {
    case .discovered(let peer):
      tell(.peerDiscovered, peer, .alive, names, at: entry.at, "new peer \(name(peer, names))")
    case .silent(let peer):
      let silence = DurationText.words(max(0, entry.at - peer.lastHeard))
      tell(
        .peerSilent, peer, .silent, names, at: entry.at, level: .warning,
        "peer \(name(peer, names)) is silent: "
          + "\(peer.sendsOther ? "no heartbeat" : "nothing") heard for \(silence), "
          + "expected every \(DurationText.words(peer.interval))"
          + (peer.sendsOther ? ". Its datagrams arrive, in another form: see MCAST_KIND=datagram" : ""))
    case .back(let peer):
      tell(
        .peerBack, peer, .alive, names, at: entry.at,
        "peer \(name(peer, names)) is back, after \(DurationText.words(peer.lastSilence)) of silence",
        silent: peer.lastSilence)
    case .evicted(let peer):
      tell(
        .peerEvicted, peer, peer.state, names, at: entry.at, level: .warning,
        "peer \(name(peer, names)) was evicted: the table of peers is full. "
          + "Raise peers.max, or name it in peers.expected.")
    case .forgotten, .unknown, .known, .networkSilent, .networkHeard: break
    }
  }

  private func reportAll(_ entry: EventRateLimiter.Entry, _ names: InterfaceNames) {
    let place = names.name(of: entry.event.interface)
    let list = PeerList(entry.addresses, of: entry.count)
    let who = "\(entry.count) peers on \(place)"
    var all = fields.merging(list.fields) { $1 }
    all["MCAST_INTERFACE"] = place
    switch entry.event {
    case .discovered:
      all["MCAST_PEER_STATE"] = PeerState.alive.rawValue
      events.report(.peerDiscovered, .notice, "\(entry.count) new peers on \(place): \(list.text)", all)
    case .silent:
      all["MCAST_PEER_STATE"] = PeerState.silent.rawValue
      events.report(.peerSilent, .warning, "\(who) are silent: \(list.text)", all)
    case .back:
      all["MCAST_PEER_STATE"] = PeerState.alive.rawValue
      events.report(.peerBack, .notice, "\(who) are back: \(list.text)", all)
    case .evicted:
      events.report(
        .peerEvicted, .warning,
        "\(who) were evicted: the table of peers is full. "
          + "Raise peers.max, or name them in peers.expected: \(list.text)", all)
    case .forgotten, .unknown, .known, .networkSilent, .networkHeard: break
    }
  }

  /// An event of all peers on an interface.
  func reportNetwork(_ event: PeerEvent<PeerID>, _ names: InterfaceNames) {
    let place = names.name(of: event.interface)
    switch event {
    case .networkSilent(let peers, _, _):
      events.report(
        .networkSilent, .error,
        "the network is silent: all \(peers) peers of \(group) on \(place) stopped at once. "
          + "The network or this host is the likely cause, not the peers. See `mcastd doctor`.",
        fields.merging(["MCAST_PEERS": "\(peers)", "MCAST_INTERFACE": place]) { $1 })
    case .networkHeard(let peer, _, let span):
      events.report(
        .peerBack, .notice,
        "the network is heard again: peer \(peer.address) on \(place), "
          + "after \(DurationText.words(span)) of silence; the other peers are judged one by one",
        fields.merging([
          "MCAST_PEER": "\(peer.address)", "MCAST_INTERFACE": place,
          "MCAST_SILENT_USEC": "\(span / 1000)",
        ]) { $1 })
    default: break
    }
  }

  /// Expected peers that were never heard.
  ///
  /// - Parameters:
  ///   - addresses: none reports nothing.
  ///   - waited: for how long they could have been heard, in ns.
  package func report(missing addresses: [IPAddress], waited: Int64) {
    var all = fields
    all["MCAST_PEER_STATE"] = PeerState.silent.rawValue
    all["MCAST_BEATS"] = "0"
    all["MCAST_SILENT_USEC"] = "\(waited / 1000)"
    let span = DurationText.words(waited)
    switch addresses.count {
    case 0: return
    case 1:
      all["MCAST_PEER"] = "\(addresses[0])"
      events.report(
        .peerSilent, .warning,
        "peer \(addresses[0]) is silent: it is expected (peers.expected) "
          + "and has not been heard since mcastd began to listen, for \(span)", all)
    default:
      let list = PeerList(addresses, of: addresses.count)
      events.report(
        .peerSilent, .warning,
        "\(addresses.count) peers are silent: they are expected (peers.expected) "
          + "and have not been heard since mcastd began to listen, for \(span): \(list.text)",
        all.merging(list.fields) { $1 })
    }
  }

  /// Peers are not judged because of kernel drops, or are judged again.
  package func report(_ change: DropShare.Change) {
    switch change {
    case .suspended(let share):
      events.report(
        .verdictsSuspended, .warning,
        "the kernel drops \(Int(share * 100)) % of all datagrams, "
          + "so that missing heartbeats say nothing about their senders: "
          + "no peer becomes silent, and one that is not heard becomes unknown. "
          + "Raise receive-buffer, and net.core.rmem_max with it.",
        fields.merging(["MCAST_DROPPED_PERCENT": "\(Int(share * 100))"]) { $1 })
    case .resumed(let span):
      events.report(
        .verdictsResumed, .notice,
        "the kernel drops little enough again: peers are judged as before, after \(DurationText.words(span))",
        fields.merging(["MCAST_SPAN_USEC": "\(span / 1000)"]) { $1 })
    }
  }

  /// Events of peers that exceeded the rate limit.
  package func report(suppressed: SummaryPace.Summary) {
    events.report(
      .summarised, .warning,
      "\(suppressed.count) events of peers have no entry of their own, "
        + "there were too many at once\(suppressed.sofar): see `mcastd peers`",
      fields.merging(suppressed.fields("MCAST_SUMMARISED")) { $1 }.merging(["MCAST_REASON": "peers"]) { $1 })
  }

  /// Our own heartbeats are not looped back on an interface, or are again.
  package func report(_ event: SelfTest.Event, _ names: InterfaceNames) {
    let place = names.name(of: event.interface)
    let fields = fields.merging(["MCAST_INTERFACE": place]) { $1 }
    switch event.change {
    case .notHeard(let unheard):
      events.report(
        .ownHeartbeatNotHeard, .error,
        "our own heartbeats to \(group) do not come back on \(place): "
          + "\(unheard) were sent and none was heard. "
          + "The fault is on this host, not with the peers: a firewall, or a lost membership. "
          + "See `mcastd doctor`.",
        fields)
    case .heardAgain(let span):
      events.report(
        .ownHeartbeatHeard, .notice,
        "our own heartbeats to \(group) come back again on \(place), after \(DurationText.words(span))",
        fields
      )
    }
  }

  /// The group could not be joined again on an interface (`place`) where all peers are silent.
  package func reportRefused(_ place: String, _ reason: String) {
    events.report(
      .interfaceLost, .warning, "cannot join \(group) on \(place) again: \(reason). It is tried again.",
      fields.merging(["MCAST_INTERFACE": place]) { $1 })
  }

  /// The group falls quiet after each join, and is heard again as soon as it is joined again.
  ///
  /// - Parameters:
  ///   - place: the name of the interface.
  ///   - heardFor: from the join to the last datagram, in ns.
  package func reportMissingQuerier(on place: String, heardFor: Int64) {
    events.report(
      .querierMissing, .warning,
      "\(group) fell quiet on \(place) \(DurationText.words(heardFor)) after it was joined, "
        + "and was heard again as soon as it was joined again: "
        + "probably a switch with IGMP or MLD snooping and no querier. "
        + "Enable a querier on the switch or bridge (multicast_querier), or turn snooping off.",
      fields.merging(["MCAST_INTERFACE": place]) { $1 })
  }

  private var fields: [String: String] { group.eventFields }

  private func name(_ peer: PeerReport<PeerID>, _ names: InterfaceNames) -> String {
    "\(peer.id.address) on \(names.name(of: peer.id.interface))"
  }

  private func tell(
    _ kind: MessageKind, _ peer: PeerReport<PeerID>, _ state: PeerState, _ names: InterfaceNames,
    at moment: Int64, level: JournalPriority = .notice, _ text: String, silent: Int64? = nil
  ) {
    var all = fields
    all["MCAST_PEER"] = "\(peer.id.address)"
    all["MCAST_INTERFACE"] = names.name(of: peer.id.interface)
    all["MCAST_PEER_STATE"] = state.rawValue
    all["MCAST_SILENT_USEC"] = "\((silent ?? max(0, moment - peer.lastHeard)) / 1000)"
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

/// The list of peers in an entry.
struct PeerList: Equatable {
  /// Addresses in the message; the field has more.
  static let named = 10
  /// Bytes of the field: `journalctl -o json` shows no longer one without `--all`.
  static let longest = 4096

  /// `10.0.0.1, 10.0.0.2 and 51 more`.
  let text: String
  let fields: [String: String]

  /// - Parameters:
  ///   - addresses: the peers to be listed.
  ///   - count: the number of peers, listed or not.
  init(_ addresses: [IPAddress], of count: Int) {
    let first = addresses.prefix(Self.named).map { "\($0)" }
    let rest = max(count, addresses.count) - first.count
    text = first.joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
    var list = ""
    for address in addresses {
      let next = (list.isEmpty ? "" : ",") + "\(address)"
      guard list.utf8.count + next.utf8.count <= Self.longest else { break }
      list += next
    }
    fields = ["MCAST_COUNT": "\(count)", "MCAST_PEERS": list]
  }
}
