// SPDX-License-Identifier: Apache-2.0

@testable import Journal
@testable import Liveness
@testable import Monitor
@testable import Platform

// Events of peers.
extension MessageTextTests {
  static func onePeer() throws -> [Row] {
    let peer = try Example.peer()
    let named = try Example.named()
    var (returned, restarted) = (named, named)
    (returned.lastSilence, restarted.lastSilence) = (693 * second, 3 * second)
    var other = peer
    other.sendsOther = true
    other.lastSilence = 693 * second
    return [
      Row(Example.one(.discovered(peer)), .peerDiscovered, .notice, "new peer 10.0.0.5 on eth0"),
      Row(
        Example.one(.silent(peer)), .peerSilent, .warning,
        "peer 10.0.0.5 on eth0 is silent: nothing heard for 5.0 s, expected every 1.0 s"),
      Row(
        Example.one(.silent(other)), .peerSilent, .warning,
        "peer 10.0.0.5 on eth0 is silent: no heartbeat heard for 5.0 s, expected every 1.0 s. Its "
          + "datagrams arrive, in another form: see MCAST_KIND=datagram"),
      Row(
        Example.one(.back(other)), .peerBack, .notice,
        "peer 10.0.0.5 on eth0 is back, after 11 min 33 s of silence"),
      Row(
        Example.one(.discovered(named)), .peerDiscovered, .notice, "new peer ups1 (10.0.0.5) on eth0",
        ["MCAST_HOST": "ups1", "MCAST_PEER": "10.0.0.5"]),
      Row(
        Example.one(.left(named)), .peerLeft, .notice,
        "peer ups1 (10.0.0.5) on eth0 left: it was stopped on purpose", ["MCAST_PEER_STATE": "left"]),
      Row(
        Example.one(.returned(returned)), .peerBack, .notice,
        "peer ups1 (10.0.0.5) on eth0 is back, 11 min 33 s after it left", ["MCAST_PEER_STATE": "alive"]),
      Row(Example.one(.returned(restarted))),
      Row(
        Example.one(.contested(named, by: Example.address(6))), .nameUsedTwice, .warning,
        "the name ups1 is used by two senders on eth0: 10.0.0.5 and 10.0.0.6. What is said of it holds for "
          + "neither: give one of them another name= in mcastd.conf.", ["MCAST_OTHER": "10.0.0.6"]),
      Row(
        Example.one(.evicted(peer)), .peerEvicted, .warning,
        "peer 10.0.0.5 on eth0 was evicted: the table of peers is full. Raise peers.max, or name it in "
          + "peers.expected."),
      Row(
        Example.one(.networkSilent(peers: 3, last: peer.id, since: 0)), .networkSilent, .error,
        "the network is silent: all 3 peers of 239.1.1.1:5001 on eth0 stopped at once. The network or this "
          + "host is the likely cause, not the peers. See `mcastd doctor`."),
      Row(
        Example.one(.networkHeard(by: peer.id, at: 30 * second, silentFor: 8 * second)), .peerBack, .notice,
        "the network is heard again: peer 10.0.0.5 on eth0, after 8.0 s of silence; the other peers are "
          + "judged one by one"),
      Row(Example.one(.forgotten(peer))), Row(Example.one(.unknown(peer))), Row(Example.one(.known(peer))),
    ]
  }

  static func severalPeers() throws -> [Row] {
    let peer = try Example.peer()
    let none: [PeerEvent<PeerID>] = [
      .forgotten(peer), .unknown(peer), .known(peer), .networkSilent(peers: 3, last: peer.id, since: 0),
      .networkHeard(by: peer.id, at: 2, silentFor: 1),
    ]
    return [
      Row(
        Example.several(.discovered(peer)), .peerDiscovered, .notice,
        "2 new peers on eth0: 10.0.0.5, 10.0.0.6"),
      Row(
        Example.several(.silent(peer), count: 11), .peerSilent, .warning,
        "11 peers on eth0 are silent: 10.0.0.5, 10.0.0.6, 10.0.0.7, 10.0.0.8, 10.0.0.9, 10.0.0.10, "
          + "10.0.0.11, 10.0.0.12, 10.0.0.13, 10.0.0.14 and 1 more"),
      Row(Example.several(.back(peer)), .peerBack, .notice, "2 peers on eth0 are back: 10.0.0.5, 10.0.0.6"),
      Row(Example.several(.left(peer)), .peerLeft, .notice, "2 peers on eth0 left: 10.0.0.5, 10.0.0.6"),
      Row(
        Example.several(.returned(peer)), .peerBack, .notice, "2 peers on eth0 are back: 10.0.0.5, 10.0.0.6"),
      Row(
        Example.several(.contested(peer, by: Example.address(6))), .nameUsedTwice, .warning,
        "2 names on eth0 are used by two senders each: 10.0.0.5, 10.0.0.6. Give each host a name= of its own "
          + "in mcastd.conf."),
      Row(
        Example.several(.evicted(peer)), .peerEvicted, .warning,
        "2 peers on eth0 were evicted: the table of peers is full. Raise peers.max, or name them in "
          + "peers.expected: 10.0.0.5, 10.0.0.6"),
    ] + none.map { Row(Example.several($0)) }
  }

  static func otherPeers() throws -> [Row] {
    let (first, second) = try Example.numbers()
    func event(_ change: PeerChange) -> Event { .peer(change, group: Example.group) }
    let (one, other) = (PeerSubject.address(Example.address(5)), PeerSubject.name("ups2"))
    return [
      Row(
        event(.neverHeard([one], waited: 15 * Self.second)), .peerSilent, .warning,
        "peer 10.0.0.5 is silent: it is expected (peers.expected) and has not been heard since "
          + "mcastd began to listen, for 15.0 s"),
      Row(
        event(.neverHeard([one, other], waited: 15 * Self.second)), .peerSilent, .warning,
        "2 peers are silent: they are expected (peers.expected) and have not been heard since "
          + "mcastd began to listen, for 15.0 s: 10.0.0.5, ups2"),
      Row(event(.neverHeard([], waited: 1))), Row(event(.removed([]))),
      Row(event(.expected([(.address(Example.address(9)), state: nil)]))),
      Row(
        event(.suppressed(first)), .summarised, .warning,
        "40 events of peers have no entry of their own, there were too many at once: see `mcastd peers`",
        ["MCAST_REASON": "peers", "MCAST_SUMMARISED": "40"]),
      Row(
        event(.suppressed(second)), .summarised, .warning,
        "2 events of peers have no entry of their own, there were too many at once; 42 in all within 4.0 s: "
          + "see `mcastd peers`", ["MCAST_REASON": "peers", "MCAST_SUMMARISED": "2"]),
    ]
  }
}
