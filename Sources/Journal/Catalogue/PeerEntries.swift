// SPDX-License-Identifier: Apache-2.0

import Liveness
import Monitor
import Platform

extension EventCatalogue {
  static func entry(of change: PeerChange, group: Endpoint) -> EventEntry? {
    switch change {
    case .one(let event, let moment, let interface): entry(of: event, group, at: moment, on: interface)
    case .several(let event, let count, let subjects, let interface):
      entry(of: event, PeerList(subjects, of: count), group, on: interface)
    case .neverHeard(let subjects, let waited): entry(neverHeard: subjects, waited: waited, group)
    case .expected, .removed: nil
    case .suppressed(let suppressed):
      EventEntry(
        .summarised, .warning,
        "\(suppressed.count) events of peers have no entry of their own, "
          + "there were too many at once\(suppressed.sofar): see `mcastd peers`",
        group.fields, suppressed.fields("MCAST_SUMMARISED"), ["MCAST_REASON": "peers"])
    }
  }

  private static func entry(
    of event: PeerEvent<PeerID>, _ group: Endpoint, at moment: Int64, on place: String
  ) -> EventEntry? {
    switch event {
    case .discovered(let peer):
      return EventEntry(
        .peerDiscovered, .notice, "new peer \(peer.label) on \(place)",
        fields(peer, .alive, silentFor: moment - peer.lastHeard, group, place))
    case .silent(let peer):
      let silence = max(0, moment - peer.lastHeard)
      return EventEntry(
        .peerSilent, .warning,
        "peer \(peer.label) on \(place) is silent: "
          + "\(peer.sendsOther ? "no heartbeat" : "nothing") heard for \(DurationText.words(silence)), "
          + "expected every \(DurationText.words(peer.interval))"
          + (peer.sendsOther ? ". Its datagrams arrive, in another form: see MCAST_KIND=datagram" : ""),
        fields(peer, .silent, silentFor: silence, group, place))
    case .back(let peer):
      return EventEntry(
        .peerBack, .notice,
        "peer \(peer.label) on \(place) is back, "
          + "after \(DurationText.words(peer.lastSilence)) of silence",
        fields(peer, .alive, silentFor: peer.lastSilence, group, place))
    case .returned(let peer) where peer.wasRestarted: return nil
    case .returned(let peer):
      return EventEntry(
        .peerBack, .notice,
        "peer \(peer.label) on \(place) is back, \(DurationText.words(peer.lastSilence)) after it left",
        fields(peer, .alive, silentFor: peer.lastSilence, group, place))
    case .left(let peer):
      return EventEntry(
        .peerLeft, .notice,
        "peer \(peer.label) on \(place) left: it was stopped on purpose",
        fields(peer, .left, silentFor: 0, group, place))
    case .contested(let peer, let other):
      return EventEntry(
        .nameUsedTwice, .warning,
        "the name \(peer.id.subject) is used by two senders on \(place): "
          + "\(peer.address) and \(other == peer.address ? "another one there" : "\(other)"). "
          + "What is said of it holds for neither: give one of them another name= in mcastd.conf.",
        fields(peer, peer.state, silentFor: 0, group, place), ["MCAST_OTHER": "\(other)"])
    // Newcomers come and go by the thousand where sources are forged.
    case .evicted(let peer) where !peer.isEstablished: return nil
    case .evicted(let peer):
      return EventEntry(
        .peerEvicted, .warning,
        "peer \(peer.label) on \(place) was evicted: the table of peers is full. "
          + "Raise peers.max, or name it in peers.expected.",
        fields(peer, peer.state, silentFor: moment - peer.lastHeard, group, place))
    case .networkSilent(let peers, _, _):
      return EventEntry(
        .networkSilent, .error,
        "the network is silent: all \(peers) peers of \(group) on \(place) stopped at once. "
          + "The network or this host is the likely cause, not the peers. See `mcastd doctor`.",
        group.fields, ["MCAST_PEERS": "\(peers)", "MCAST_INTERFACE": place])
    case .networkHeard(let peer, _, let span):
      return EventEntry(
        .peerBack, .notice,
        "the network is heard again: peer \(peer.subject) on \(place), "
          + "after \(DurationText.words(span)) of silence; the other peers are judged one by one",
        group.fields, peer.subject.fields,
        ["MCAST_INTERFACE": place, "MCAST_SILENT_USEC": "\(span / 1000)"])
    // Their impediment has an entry, in place of each of them.
    case .unknown, .known: return nil
    case .forgotten: return nil
    }
  }

  private static func entry(
    of event: PeerEvent<PeerID>, _ list: PeerList, _ group: Endpoint, on place: String
  ) -> EventEntry? {
    func entry(
      _ kind: MessageKind, _ priority: JournalPriority, _ text: String, _ state: PeerState?
    ) -> EventEntry {
      EventEntry(
        kind, priority, text, group.fields, list.fields, ["MCAST_INTERFACE": place],
        state.map { ["MCAST_PEER_STATE": $0.rawValue] } ?? [:])
    }
    let who = "\(list.count) peers on \(place)"
    switch event {
    case .discovered:
      return entry(.peerDiscovered, .notice, "\(list.count) new peers on \(place): \(list.text)", .alive)
    case .silent: return entry(.peerSilent, .warning, "\(who) are silent: \(list.text)", .silent)
    case .back, .returned: return entry(.peerBack, .notice, "\(who) are back: \(list.text)", .alive)
    case .left: return entry(.peerLeft, .notice, "\(who) left: \(list.text)", .left)
    case .contested:
      return entry(
        .nameUsedTwice, .warning,
        "\(list.count) names on \(place) are used by two senders each: \(list.text). "
          + "Give each host a name= of its own in mcastd.conf.", nil)
    case .evicted:
      return entry(
        .peerEvicted, .warning,
        "\(who) were evicted: the table of peers is full. "
          + "Raise peers.max, or name them in peers.expected: \(list.text)", nil)
    case .forgotten, .unknown, .known, .networkSilent, .networkHeard: return nil
    }
  }

  private static func entry(
    neverHeard subjects: [PeerSubject], waited: Int64, _ group: Endpoint
  ) -> EventEntry? {
    guard let first = subjects.first else { return nil }
    let fields = group.fields.merging([
      "MCAST_PEER_STATE": PeerState.silent.rawValue, "MCAST_BEATS": "0",
      "MCAST_SILENT_USEC": "\(waited / 1000)",
    ]) { $1 }
    let span = DurationText.words(waited)
    guard subjects.count > 1 else {
      return EventEntry(
        .peerSilent, .warning,
        "peer \(first) is silent: it is expected (peers.expected) "
          + "and has not been heard since mcastd began to listen, for \(span)",
        fields, first.fields)
    }
    let list = PeerList(subjects, of: subjects.count)
    return EventEntry(
      .peerSilent, .warning,
      "\(list.count) peers are silent: they are expected (peers.expected) "
        + "and have not been heard since mcastd began to listen, for \(span): \(list.text)",
      fields, list.fields)
  }

  private static func fields(
    _ peer: PeerReport<PeerID>, _ state: PeerState, silentFor silence: Int64, _ group: Endpoint,
    _ place: String
  ) -> [String: String] {
    [
      "MCAST_PEER": "\(peer.address)", "MCAST_INTERFACE": place, "MCAST_PEER_STATE": state.rawValue,
      "MCAST_SILENT_USEC": "\(max(0, silence) / 1000)", "MCAST_INTERVAL_USEC": "\(peer.interval / 1000)",
      "MCAST_BEATS": "\(peer.beats)", "MCAST_MISSED": "\(peer.missed)",
      "MCAST_MISSED_HERE": "\(peer.missedHere)", "MCAST_DUPLICATES": "\(peer.duplicates)",
      "MCAST_REORDERED": "\(peer.reordered)", "MCAST_RESTARTS": "\(peer.restarts)",
      "MCAST_JITTER_USEC": "\(peer.jitter / 1000)", "MCAST_OFFSET_USEC": "\(peer.offset)",
    ].merging(peer.name.map { ["MCAST_HOST": "\($0)"] } ?? [:]) { $1 }.merging(group.fields) { $1 }
  }
}

extension PeerSubject {
  /// MCAST_HOST of a name, and MCAST_PEER of an address.
  fileprivate var fields: [String: String] {
    switch self {
    case .address(let address): ["MCAST_PEER": "\(address)"]
    case .name(let name): ["MCAST_HOST": "\(name)"]
    }
  }
}

/// The list of peers in an entry.
struct PeerList: Equatable {
  /// Peers named in the message; the field has more.
  static let named = 10
  /// Bytes of the field: `journalctl -o json` shows no longer one without `--all`.
  static let longest = 4096

  /// The number of peers, listed or not.
  let count: Int
  /// `ups1, 10.0.0.2 and 51 more`.
  let text: String
  let fields: [String: String]

  init(_ subjects: [PeerSubject], of count: Int) {
    self.count = max(count, subjects.count)
    let first = subjects.prefix(Self.named).map { "\($0)" }
    let rest = self.count - first.count
    text = ListText.named(first, more: rest)
    var list = ""
    for subject in subjects {
      let next = (list.isEmpty ? "" : ",") + "\(subject)"
      guard list.utf8.count + next.utf8.count <= Self.longest else { break }
      list += next
    }
    fields = ["MCAST_COUNT": "\(self.count)", "MCAST_PEERS": list]
  }
}

extension Explanation {
  static let peerDiscovered = Explanation(
    "245c3d21e4da4f05963da30670d45d7a",
    subject: "A new peer, or several at once, sends heartbeats",
    """
    Two heartbeats came from a name or an address that was not known, or was not heard
    for a day. From now on it is watched, and its silence is reported. Of several
    peers at once there is one entry: MCAST_COUNT of them, listed in MCAST_PEERS.

    Nothing needs to be done if the addresses are known to you. Unless auth.mode=require,
    anyone who can send to the group can appear as a peer. Accept chosen sources only
    with source= in mcastd.conf(5), and name the peers that must be there in
    peers.expected.
    """)

  static let peerSilent = Explanation(
    "cabb2ea43a744350a4a4e3d6497ed3dc",
    subject: "A peer fell silent, or several at once",
    """
    The peer missed more beats in a row, by its own pace, than what the network loses
    of them explains: "mcastd peers --explain" says how many, and why. Or it is named in
    peers.expected and was not heard at all for ten intervals (MCAST_BEATS=0). It could
    have been heard:
    datagrams that waited in the daemon's socket were read first, and time in which
    this host could not hear does not count. The peer's clock has no influence.

    Of several peers at once there is one entry: MCAST_COUNT of them, listed in
    MCAST_PEERS as far as there is room. Other peers were heard meanwhile, so the fault
    is not the whole network: look for what these have in common, a switch or a rack.

    The host, its sender or the path to it may have failed, or it was stopped on
    purpose. Look at the host itself, then at the network between: "mcastd peers"
    shows what was missed before, "mcastd doctor" checks this host.

    While it lasts, the file peers/silent/NAME, or ADDRESS of a peer without a name
    (ADDRESS%INTERFACE for a link-local IPv6 address), exists in the runtime directory, on which a .path unit
    can act. Two beats bring a peer back.
    """)

  static let peerBack = Explanation(
    "18e7fcceb66f47519e71819161722080",
    subject: "A peer is back, or several at once",
    """
    The peer had been silent and is heard again: two beats came. Or it had left, and one
    beat came. Or all peers had fallen
    silent at once, and this is the first that is heard again; the others are judged one
    by one. Of several peers at once there is one entry: MCAST_COUNT of them, listed in
    MCAST_PEERS.

    Nothing needs to be done. "mcastd peers --json" shows in "restarts" whether the
    sender was restarted, and in "missed" how many beats were lost.
    """)

  static let peerLeft = Explanation(
    "a96e076c1b2b4263bc5f42c129215e30",
    subject: "A peer left on purpose, or several at once",
    """
    The peer said goodbye (bye=stop in its last heartbeat): it was stopped or restarted
    on purpose, or its configuration was changed. It is not called silent. Its next
    heartbeat makes it alive again; where that comes within three intervals, as after a
    restart, this entry is the only one. Of several peers at once there is one entry:
    MCAST_COUNT of them, listed in MCAST_PEERS.

    Nothing needs to be done where the stop was intended. A goodbye can be forged like any
    heartbeat that is not authenticated: a host that goes on sending is alive again at once.

    While it lasts, the file peers/left/NAME, or ADDRESS of a peer without a name, exists
    in the runtime directory.
    """)

  static let nameUsedTwice = Explanation(
    "8f40a7a1fa4d43808eb5abd61982d90f",
    subject: "Two senders use one name",
    """
    Heartbeats with the name in MCAST_HOST come in turns from two processes: MCAST_PEER is
    the address of one of them, MCAST_OTHER that of the other. They are one peer here, and
    it is alive as long as either sends, so that the silence of one would not be noticed;
    where heartbeats are authenticated only the process that began last counts. Its
    readings are unknown: nobody knows which of the two says what is so.

    Give each host a name= of its own in mcastd.conf(5); name=auto takes the host name.
    Hosts that were cloned have the same one. If all names are different, somebody sends
    heartbeats under a name that is not theirs.
    """)

  static let peerEvicted = Explanation(
    "23f2bef0e8d44b1c96cab004f6b8a325",
    subject: "A peer is no longer watched, or several: peers.max is reached",
    documentation: "man:mcastd(8) man:mcastd.conf(5)",
    """
    As many peers as peers.max allows were established, that is heard for 10 s or
    more, and another source sent heartbeats. The peer was evicted, because it was silent
    and had been heard for the shortest time. Its file is removed, and it is not reported
    until it is heard again. Of several at once there is one entry: MCAST_COUNT of
    them, listed in MCAST_PEERS.

    If there are that many hosts, raise peers.max=. If not, somebody forges sources:
    "mcastd peers" and "mcastd watch" show them, and source= accepts chosen ones only.
    A peer that is named in peers.expected is never evicted.
    """)

  static let networkSilent = Explanation(
    "1d5c34bcf4714fce96758707c4215da0",
    subject: "All peers fell silent at once",
    """
    All peers in the group @MCAST_GROUP@, port @MCAST_PORT@, stopped within two intervals of one
    another. That points to the network, or to this host's place in it, rather than
    to the peers, so there is this one entry instead of one for each.

    These peers are unknown now, not silent: whether they are alive or dead cannot be
    told from here. Their files are in peers/unknown in the runtime directory. In this
    entry MCAST_PEERS is the number of peers.

    Look at the cable, the switch port, the VLAN and the bridge of this host, at
    multicast snooping without a querier, and at the firewall: "mcastd doctor"
    checks what can be seen from here. As soon as one peer is heard again, the
    others have their full time again and are judged one by one.
    """)
}
