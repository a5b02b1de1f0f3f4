// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Journal
import Liveness
import Multicast
import Platform
import Settings

/// The hot path from the socket to the log, as one value. The receive loop takes access to it once for each
/// batch; no datagram costs an allocation or reference counting.
struct ReceivePipeline {
  var log: DatagramLog
  var peers: PeerMonitor
  private(set) var members = MembershipIndex()
  private(set) var senders: OwnSenders
  private let places: SendingPlaces
  /// The version of `places` that `senders` was built from.
  private var placesSeen = -1
  /// Whether our own heartbeats should be received: same group and port, loopback on, our address accepted.
  private var expectsOwn = false
  /// Events of the self-test since the last judgement.
  private var ownEvents: [SelfTest.Event] = []

  /// - Parameters:
  ///   - sent: The timestamps and times of our own heartbeats.
  ///   - places: The addresses and ports that they are sent from.
  init(log: DatagramLog, peers: PeerMonitor, sent: SentTimes, places: SendingPlaces) {
    self.log = log
    self.peers = peers
    self.places = places
    senders = OwnSenders(sent: sent, previous: peers.previousSenders)
    self.log.setInterfaceNames(peers.liveness.names)
  }

  /// Reads one batch.
  ///
  /// - Parameter now: monotonic nanoseconds.
  /// - Returns: Datagrams read; fewer than `MulticastReceiver.batchSize` when the socket was emptied.
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
    peers.liveness.noteRead(count)
    if count < MulticastReceiver.batchSize {
      peers.liveness.emptied(at: now)
      senders.forgetPrevious()
    } else {
      peers.liveness.reached(stamp: stamp)
    }
    return count
  }

  @inline(__always)
  private mutating func take(_ datagram: ReceivedDatagram, _ member: MembershipIndex.Member) {
    if places.hasChanged(since: placesSeen) { followPlaces() }
    var isOwn = false
    let stamp = Heartbeat.stamp(of: datagram.payload)
    if let stamp {
      let origin =
        senders.mayBeOwn(datagram.source.port)
        ? origin(of: datagram.source, stamp, on: member.number) : .peer
      isOwn = origin != .peer
      let event = peers.liveness.heard(
        stamp, from: datagram.source, on: member.number, received: datagram.receivedNanoseconds, origin)
      if let event { ownEvents.append(event) }
    } else {
      peers.liveness.heardOther(
        from: datagram.source.address, on: member.number, received: datagram.receivedNanoseconds)
    }
    log.record(
      DatagramFacts(
        payload: datagram.payload, size: datagram.size, source: datagram.source, interface: member.number,
        isHeartbeat: stamp != nil, receivedNanoseconds: datagram.receivedNanoseconds),
      isOwn: isOwn)
  }

  /// Off the hot path: called for one heartbeat in 64 of other hosts, and for our own.
  @inline(never)
  private func origin(of source: Endpoint, _ stamp: Heartbeat.Stamp, on interface: Int32) -> HeartbeatOrigin {
    // Our own heartbeats carry no UTC offset.
    guard stamp.utcOffset == nil else { return .peer }
    let sender = senders.find(
      source, payload: stamp.time.microsecondsSinceEpochAsUTC, isLocal: { members.isLocal($0) })
    guard let sender else { return .peer }
    return sender.interface == interface ? .loopback : .otherInterface
  }

  /// Rebuilds `senders` after a change of the addresses that heartbeats are sent from.
  @inline(never)
  private mutating func followPlaces() {
    let (version, places) = places.read()
    placesSeen = version
    senders.set(
      places.map { OwnSender(interface: peers.liveness.number(of: $0.interface), source: $0.source) })
    log.setInterfaceNames(peers.liveness.names)
    expectOwn()
  }

  private mutating func expectOwn() {
    peers.liveness.expectOwn(on: expectsOwn ? senders.interfaces.intersection(members.numbers) : [])
  }

  /// Takes the interfaces on which the group is joined; only peers that can be heard are judged.
  ///
  /// - Parameters:
  ///   - withoutCarrier: The indices of those without a carrier, on which nothing can arrive.
  ///   - awaited: The names of the configured interfaces, present or not; nil for any.
  ///   - expectsOwn: Whether our own heartbeats should be received where we both send and receive.
  ///   - now: monotonic nanoseconds.
  mutating func listen(
    on interfaces: [NetworkInterface], withoutCarrier: Set<UInt32>, awaited: Set<String>?, expectsOwn: Bool,
    now: Int64
  ) {
    peers.releaseNames(except: senders.allInterfaces.union(ownEvents.map(\.interface)), now: now)
    members = MembershipIndex(interfaces) { peers.liveness.number(of: $0) }
    log.setInterfaceNames(peers.liveness.names)
    peers.listen(on: members.numbers, awaited: awaited, now: now)
    peers.liveness.setWithoutCarrier(Set(withoutCarrier.compactMap { members.number(of: $0) }), now: now)
    self.expectsOwn = expectsOwn
    if places.hasChanged(since: placesSeen) { followPlaces() } else { expectOwn() }
  }

  /// Applies the settings of logging and peers.
  mutating func apply(_ settings: Settings) {
    log.apply(LogPolicy(settings.log), group: settings.subscribe.endpoint)
    peers.apply(
      capacity: settings.peersMax, expected: settings.peersExpected, interval: settings.interval.nanoseconds,
      sources: settings.sources, zone: settings.timestamp)
    if !settings.subscribe.enabled { peers.forgetAll() }
  }

  // MARK: Judging and handing over

  /// Judges our own heartbeats.
  ///
  /// - Parameters:
  ///   - sent: When they left since the last call, by interface index; monotonic nanoseconds.
  ///   - now: monotonic nanoseconds.
  /// - Returns: The changes since the last call.
  mutating func judgeOwn(_ sent: [UInt32: [Int64]], now: Int64) -> [SelfTest.Event] {
    for (index, times) in sent {
      if let number = members.number(of: index) { peers.liveness.noteSent(times, on: number) }
    }
    if let event = peers.liveness.judgeOwn(now: now) { ownEvents.append(event) }
    defer { ownEvents = [] }
    return ownEvents
  }

  /// Peers and senders for the next process.
  ///
  /// - Parameters:
  ///   - isComplete: Whether reading has ended for good.
  ///   - group: Of the peers; nil without a subscription.
  func checkpoint(isComplete: Bool, group: Endpoint?) -> PeerCheckpoint {
    var kept = peers.kept(isComplete: isComplete, group: group)
    kept.senders = senders.kept(isComplete: isComplete)
    return kept
  }
}
