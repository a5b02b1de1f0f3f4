// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Liveness
import Multicast
import Platform

/// State of the live view: peers, traffic, this host's heartbeat, other datagrams. Pure; times are passed
/// in. Bounded in size.
struct LiveModel: Sendable {
  /// Both clocks in nanoseconds: CLOCK_MONOTONIC for intervals, CLOCK_REALTIME for display.
  struct Moment: Sendable {
    var monotonic: Int64
    var wall: Int64
  }

  /// The properties of a joined interface that classify a datagram.
  private struct Place: Sendable {
    var name: String
    var number: Int32
    var addresses: [IPAddress]
  }

  let group: Endpoint
  let started: Int64
  package private(set) var traffic: Traffic
  package private(set) var others = RecentDatagrams()
  package private(set) var peers: PeerTable<PeerID>
  /// Senders on this host, received regardless of the network.
  package private(set) var own: PeerTable<PeerID>
  /// The interfaces of the settings, shown while nothing is joined.
  private let wanted: String
  private var places: [UInt32: Place] = [:]
  private var names = InterfaceNames()
  private var dropShare: DropShare
  private var histories: [PeerID: PaceHistory] = [:]
  /// Last heartbeat of any peer, in nanoseconds of CLOCK_MONOTONIC; nil unless the network is silent.
  private(set) var networkSilentSince: Int64?
  /// Offset of senders' wall clocks from UTC, in seconds.
  private var zoneOffset: Int64 = 0

  /// - Parameters:
  ///   - wanted: The interfaces of the settings, as text.
  ///   - capacity: `peers.max`.
  init(group: Endpoint, wanted: String, capacity: Int, at now: Int64) {
    self.group = group
    self.wanted = wanted
    started = now
    dropShare = DropShare(at: now)
    traffic = Traffic(startedAt: now)
    peers = PeerTable(capacity: capacity)
    own = PeerTable(capacity: 64)
    suspend(.interfaceGone, since: now)
  }

  // MARK: Input

  /// Sets the interfaces on which the group is joined.
  mutating func setInterfaces(_ interfaces: [NetworkInterface], at now: Int64) {
    places = [:]
    for interface in interfaces {
      places[interface.index] = Place(
        name: interface.name, number: names.number(of: interface.name), addresses: interface.addresses)
    }
    if places.isEmpty { suspend(.interfaceGone, since: now) } else { resume(.interfaceGone, at: now) }
    if interfaces.contains(where: \.hasCarrier) || places.isEmpty {
      resume(.noCarrier, at: now)
    } else {
      suspend(.noCarrier, since: now)
    }
  }

  private mutating func suspend(_ impediment: Impediment, since: Int64) {
    peers.suspend(impediment, since: since)
    own.suspend(impediment, since: since)
  }

  private mutating func resume(_ impediment: Impediment, at now: Int64) {
    peers.resume(impediment, at: now)
    own.resume(impediment, at: now)
  }

  /// Sets the UTC offset expected of senders' clocks; it changes with daylight saving time.
  mutating func setZone(_ zone: TimestampZone, at wall: Int64) {
    let seconds = wall / 1_000_000_000
    zoneOffset =
      CivilTime(secondsSinceEpoch: seconds, microsecond: 0, zone: zone).secondsSinceEpochAsUTC - seconds
  }

  /// Counts datagrams of any kind that the kernel dropped, or that were read, between two times.
  mutating func noteSocket(dropped: Int, read: Int, from start: Int64, to end: Int64) {
    traffic.dropped += dropped
    peers.noteKernelDrops(dropped, read: read, from: start, to: end)
    own.noteKernelDrops(dropped, read: read, from: start, to: end)
    dropShare.count(dropped: dropped, read: read)
    guard end - dropShare.countedSince >= 1_000_000_000 else { return }
    switch dropShare.judge(at: end) {
    case .suspended: suspend(.verdictsSuspended, since: dropShare.suspendedSince ?? end)
    case .resumed: resume(.verdictsSuspended, at: end)
    case nil: break
    }
  }

  /// Processes a received datagram.
  mutating func take(_ datagram: borrowing ReceivedDatagram, arrival: Int64) {
    traffic.note(bytes: datagram.size, at: arrival)
    guard let place = places[datagram.interfaceIndex] else { return }
    guard let heartbeat = Heartbeat(datagram.payload) else {
      others.note(datagram, interface: place.name)
      return
    }
    let beat = HeartbeatArrival(
      arrival: arrival, stamp: heartbeat.stamp, received: datagram.receivedNanoseconds,
      zoneOffset: zoneOffset * 1_000_000, port: datagram.source.port)
    let id = PeerID(address: datagram.source.address, interface: place.number)
    if place.addresses.contains(id.address) {
      own.heard(beat, from: id)
    } else {
      peers.heard(beat, from: id)
      histories[id]?.note(beatAt: arrival)
    }
  }

  /// Updates the states of peers. Call it only after the socket was emptied.
  mutating func judge(at now: Int64) {
    own.judge(at: now)
    _ = own.takeEvents()
    peers.judge(at: now)
    for event in peers.takeEvents() {
      switch event {
      case .discovered(let peer): histories[peer.id] = PaceHistory(firstBeatAt: peer.lastHeard)
      case .forgotten(let peer), .evicted(let peer): histories[peer.id] = nil
      case .networkSilent(_, _, let since): networkSilentSince = since
      case .networkHeard: networkSilentSince = nil
      case .silent, .back, .unknown, .known: break
      }
    }
  }

  // MARK: Display

  /// Reason, in words, why peers are unknown; nil while there is none.
  var impediment: String? {
    guard !places.isEmpty else { return nil }
    let kinds = peers.impediments.keys.map(Condition.Kind.init)
    return Condition.Kind.allCases.first(where: kinds.contains)?.text
  }

  /// `eth0, eth1`; nil while nothing is joined.
  var interfaces: String? {
    places.isEmpty ? nil : places.values.map(\.name).sorted().joined(separator: ", ")
  }

  /// The interfaces to wait for while nothing is joined.
  var waitingFor: String { wanted }

  /// Whether interfaces of peers are shown.
  var hasSeveralInterfaces: Bool { places.count > 1 }

  func interface(of id: PeerID) -> String { names.name(of: id.interface) }

  /// The pace of a peer's last minute; see `PaceHistory.shares`.
  func pace(of peer: PeerReport<PeerID>, parts: Int, until now: Int64) -> [Float?] {
    histories[peer.id]?.shares(parts: parts, until: now, interval: peer.interval)
      ?? Array(repeating: nil, count: parts)
  }
}
