// SPDX-License-Identifier: Apache-2.0

import EventLoop
import Heartbeat
import Multicast

/// What becomes of a datagram between the socket and the log: the whole hot path, as one value. The receive
/// loop takes access to it once for each batch, and nothing in it allocates or counts references for a
/// datagram.
struct Reception {
  var log: DatagramLog
  var peers: PeerWatch
  var members = Members()
  /// What our own heartbeats had to say since the last look.
  var ownEvents: [OwnHeartbeats.Event] = []

  init(log: DatagramLog, peers: PeerWatch) {
    self.log = log
    self.peers = peers
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
    if count < MulticastReceiver.batchSize { peers.emptied(at: now) } else { peers.reached(stamp: stamp) }
    return count
  }

  @inline(__always)
  private mutating func take(_ datagram: ReceivedDatagram, _ member: Members.Member) {
    // The port decides almost always; the addresses are looked at for our own heartbeats only.
    let isOwn =
      member.mayBeOwn(datagram.source.port)
      && members.isOwn(datagram.source.address, on: member.index)
    let time = Heartbeat.time(of: datagram.payload)
    if let time {
      let event = peers.heard(
        time, from: datagram.source, on: member.number, stamp: datagram.receivedNanoseconds, isOwn: isOwn)
      if let event { ownEvents.append(event) }
    }
    log.record(
      DatagramFacts(
        payload: datagram.payload, size: datagram.size, source: datagram.source, interface: member.number,
        isHeartbeat: time != nil, receivedNanoseconds: datagram.receivedNanoseconds),
      isOwn: isOwn)
  }

  mutating func add(_ interface: NetworkInterface) {
    let number = peers.number(of: interface.name)
    members.set(interface, number: number, formerPort: peers.formerPorts[number] ?? 0)
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
