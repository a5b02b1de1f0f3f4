// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Journal
import Liveness
import Multicast
import Platform

/// What becomes of a datagram between the socket and the log: the whole hot path, as one value. The receive
/// loop takes access to it once for each batch, and nothing in it allocates or counts references for a
/// datagram.
struct Reception {
  var log: DatagramLog
  var peers: PeerWatch
  var members = Members()
  var senders: OwnSenders
  /// What our own heartbeats had to say since the last look.
  var ownEvents: [OwnHeartbeats.Event] = []

  /// - Parameter sent: what our own senders send.
  init(log: DatagramLog, peers: PeerWatch, sent: SentBeats) {
    self.log = log
    self.peers = peers
    senders = OwnSenders(sent: sent, former: peers.formerSenders)
    self.log.setInterfaceNames(peers.names)
  }

  /// Reads one batch.
  ///
  /// - Parameter now: monotonic nanoseconds.
  /// - Returns: how many datagrams were read; fewer than `MulticastReceiver.batchSize` emptied the socket.
  /// - Throws: `MulticastError.system`
  mutating func read(_ receiver: MulticastReceiver, now: Int64) throws(MulticastError) -> Int {
    log.begin(now: now)
    peers.begin(now: now)
    defer { log.end() }
    let group = receiver.group.address
    var stamp: Int64 = 0
    let count = try receiver.receive { datagram in
      stamp = datagram.receivedNanoseconds
      guard datagram.destination == group, let member = members.find(datagram.interfaceIndex) else {
        return log.countForeign()
      }
      take(datagram, member)
    }
    peers.noteRead(count)
    if count < MulticastReceiver.batchSize {
      peers.emptied(at: now)
      senders.forgetFormer()
    } else {
      peers.reached(stamp: stamp)
    }
    return count
  }

  @inline(__always)
  private mutating func take(_ datagram: ReceivedDatagram, _ member: Members.Member) {
    var isOwn = false
    let stamp = Heartbeat.stamp(of: datagram.payload)
    if let stamp {
      let origin =
        senders.mayBeOwn(datagram.source.port)
        ? origin(of: datagram.source, stamp, on: member.number) : .peer
      isOwn = origin != .peer
      let event = peers.heard(
        stamp, from: datagram.source, on: member.number, received: datagram.receivedNanoseconds, origin)
      if let event { ownEvents.append(event) }
    } else {
      peers.heardOther(
        from: datagram.source.address, on: member.number, received: datagram.receivedNanoseconds)
    }
    log.record(
      DatagramFacts(
        payload: datagram.payload, size: datagram.size, source: datagram.source, interface: member.number,
        isHeartbeat: stamp != nil, receivedNanoseconds: datagram.receivedNanoseconds),
      isOwn: isOwn)
  }

  /// Not on the hot path: one heartbeat in sixty-four of others, and our own.
  @inline(never)
  private func origin(of source: Endpoint, _ stamp: Heartbeat.Stamp, on interface: Int32) -> BeatOrigin {
    // Ours name no zone.
    guard stamp.utcOffset == nil else { return .peer }
    let sender = senders.find(
      source, payload: stamp.time.microsecondsSinceEpochAsUTC, isLocal: { members.isLocal($0) })
    guard let sender else { return .peer }
    return sender.interface == interface ? .loopback : .otherInterface
  }

  /// Heartbeats leave from here from now on.
  mutating func setSenders(_ places: [Publisher.SendingPlace]) {
    senders.set(places.map { OwnSender(interface: peers.number(of: $0.interface), source: $0.source) })
    log.setInterfaceNames(peers.names)
  }

  mutating func add(_ interface: NetworkInterface) {
    let number = peers.number(of: interface.name)
    members.set(interface, number: number)
    log.setInterfaceNames(peers.names)
  }

  /// The members have changed: who can be heard at all is judged, and nobody else.
  ///
  /// - Parameters:
  ///   - awaited: the names of the interfaces that are used when they are there; nil for any.
  ///   - now: monotonic nanoseconds.
  mutating func listen(awaited: Set<String>?, now: Int64) {
    peers.listen(on: members.numbers, awaited: awaited, now: now)
  }
}
