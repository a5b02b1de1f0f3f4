// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Liveness
import Multicast
import Platform

/// State of the live view: peers and what they say, traffic, this host's heartbeat, other datagrams. Pure;
/// times are passed in. Bounded in size.
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

  /// Senders on this host.
  private static let mostOwn = 64

  let group: Endpoint
  let started: Int64
  private(set) var traffic: Traffic
  private(set) var others = RecentDatagrams()
  /// Senders on other hosts, judged by interface as the daemon does.
  private(set) var peers: GroupLiveness
  /// Senders on this host, received regardless of the network.
  private(set) var own: GroupLiveness
  /// What both say.
  private(set) var readings: WatchedReadings
  private(set) var ownReadings: WatchedReadings
  /// Of this host's rules.
  var states = WatchedStates()
  /// The interfaces of the settings, shown while nothing is joined.
  private let wanted: String
  private var places: [UInt32: Place] = [:]
  private var histories: [PeerID: PaceHistory] = [:]
  /// Nil where nothing is proved.
  private var proof: WatchedProof?
  /// When the share of drops was last judged, in nanoseconds of CLOCK_MONOTONIC.
  private var dropsJudged: Int64

  /// - Parameters:
  ///   - wanted: The interfaces of the settings, as text.
  ///   - capacity: `peers.max`.
  init(group: Endpoint, wanted: String, capacity: Int, proof: WatchedProof? = nil, at now: Moment) {
    self.group = group
    self.wanted = wanted
    self.proof = proof
    started = now.monotonic
    dropsJudged = now.monotonic
    traffic = Traffic(startedAt: now.monotonic)
    peers = Self.liveness(capacity: capacity, at: now)
    own = Self.liveness(capacity: Self.mostOwn, at: now)
    readings = WatchedReadings(capacity: capacity, at: now.monotonic)
    ownReadings = WatchedReadings(capacity: Self.mostOwn, at: now.monotonic)
  }

  private static func liveness(capacity: Int, at now: Moment) -> GroupLiveness {
    GroupLiveness(
      PeerInterfaces(capacity: capacity), expected: ExpectedPeers(), realtime: now.wall, at: now.monotonic,
      isGapless: false)
  }

  // MARK: Input

  /// Gives an input to `own` and `peers`, so that both number the interfaces alike.
  ///
  /// - Returns: The result of `peers`.
  @discardableResult
  private mutating func give<Result>(_ input: (inout GroupLiveness) -> Result) -> Result {
    _ = input(&own)
    return input(&peers)
  }

  /// Sets the interfaces on which the group is joined.
  ///
  /// - Parameter awaited: The names of those of the settings, present or not; nil for any. The peers of
  ///   others are removed, and those of one that is gone are unknown.
  mutating func setInterfaces(_ interfaces: [NetworkInterface], awaited: Set<String>?, at now: Int64) {
    places = [:]
    var withoutCarrier: Set<Int32> = []
    for interface in interfaces {
      let number = give { $0.number(of: interface.name) }
      places[interface.index] = Place(name: interface.name, number: number, addresses: interface.addresses)
      if !interface.hasCarrier { withoutCarrier.insert(number) }
    }
    let joined = joined
    forget(give { $0.listen(on: joined, awaited: awaited, now: now) })
    give { $0.setWithoutCarrier(withoutCarrier, now: now) }
  }

  /// Sets the UTC offset expected of senders' clocks; it changes with daylight saving time.
  mutating func setZone(_ zone: TimestampZone, at wall: Int64) {
    give { $0.setZoneOffset(zone.offset(at: wall)) }
  }

  /// Counts datagrams of any kind that the kernel dropped since the last call. To be called before those are
  /// read that came after.
  mutating func noteDrops(_ dropped: Int, at now: Int64) {
    traffic.dropped += dropped
    give { $0.noteDrops(dropped, now: now) }
    guard now - dropsJudged >= 1_000_000_000 else { return }
    dropsJudged = now
    give { $0.judgeDrops(now: now) }
  }

  /// A batch is about to be read.
  mutating func begin(at now: Moment) {
    give { $0.begin(realtime: now.wall, now: now.monotonic) }
  }

  /// Processes a datagram of the batch. Allocates nothing for a heartbeat of a peer that is known and says
  /// the same as before.
  mutating func take(_ datagram: borrowing ReceivedDatagram) {
    let (source, received) = (datagram.source, datagram.receivedNanoseconds)
    let arrival = peers.arrival(stamp: received)
    traffic.note(bytes: datagram.size, at: arrival)
    guard let place = places[datagram.interfaceIndex] else { return }
    let isOwn = place.addresses.contains(source.address)
    guard let outline = Heartbeat.read(datagram.payload) else {
      others.note(datagram, interface: place.name)
      if isOwn {
        own.heardOther(from: source.address, on: place.number, received: received)
      } else {
        peers.heardOther(from: source.address, on: place.number, received: received)
      }
      return
    }
    let finding = proof?.judge(of: datagram, outline, on: place.number, now: arrival)
    // To `own` its senders are peers like any other: there is no self-test here.
    if isOwn {
      _ = own.heard(outline, from: source, on: place.number, received: received, .peer, proof: finding?.proof)
      ownReadings.hear(datagram, outline, on: place.number, finding, of: own)
    } else {
      _ = peers.heard(
        outline, from: source, on: place.number, received: received, .peer, proof: finding?.proof)
      let peer = PeerID(outline.said, from: source.address, interface: place.number)
      histories[peer]?.note(beatAt: arrival)
      readings.hear(datagram, outline, on: place.number, finding, of: peers)
    }
  }

  /// A batch was read.
  mutating func end(_ batch: ReadBatch) {
    give {
      $0.noteRead(batch.count)
      switch batch.end {
      case .emptied(let moment): $0.emptied(at: moment)
      case .reached(let stamp): $0.reached(stamp: stamp)
      }
    }
  }

  /// Updates the states of peers, and what they say, as of the moment up to which everything was read.
  mutating func judge(at now: Int64) {
    let judgement = give { $0.judge(now: now, limit: .max) }
    for event in judgement.events {
      switch event {
      case .discovered(let peer): histories[peer.id] = PaceHistory(firstBeatAt: peer.lastHeard)
      case .forgotten(let peer), .evicted(let peer): histories[peer.id] = nil
      case .silent, .back, .left, .returned, .contested, .unknown, .known: break
      case .networkSilent, .networkHeard: break
      }
    }
    forget(judgement.forgotten)
    readings.judge(at: now, peers: peers)
    ownReadings.judge(at: now, peers: own)
  }

  private mutating func forget(_ gone: [PeerID]) {
    for id in gone { histories[id] = nil }
  }

  // MARK: Display

  /// `eth0, eth1`; nil while nothing is joined.
  var interfaces: String? {
    places.isEmpty ? nil : places.values.map(\.name).sorted().joined(separator: ", ")
  }

  /// The interfaces to wait for while nothing is joined.
  var waitingFor: String { wanted }

  private var joined: Set<Int32> { Set(places.values.map(\.number)) }

  /// The interfaces with peers, joined or gone.
  private var withPeers: Set<Int32> {
    Set((0..<Int32(clamping: peers.names.count)).filter { peers.interfaces.counts(on: $0).total > 0 })
  }

  /// Whether interfaces of peers are shown.
  var hasSeveralInterfaces: Bool { joined.union(withPeers).count > 1 }

  /// The last heartbeat of any peer, in nanoseconds of CLOCK_MONOTONIC, where the network is silent on every
  /// interface with peers; nil otherwise.
  var networkSilentSince: Int64? {
    guard withPeers.isSubset(of: peers.interfaces.networkSilent) else { return nil }
    return peers.conditions.filter { $0.kind == .networkSilent }.map(\.since).max()
  }

  /// Why peers are unknown, in words: the first reason with one interface, and with several all of them and
  /// where. Nothing while nothing is joined.
  var impediments: [String] {
    guard !places.isEmpty else { return [] }
    let conditions = peers.conditions
    if hasSeveralInterfaces { return Condition.texts(conditions) }
    let kinds = conditions.map(\.kind)
    return Condition.Kind.allCases.first(where: kinds.contains).map { [$0.text] } ?? []
  }

  func interface(of id: PeerID) -> String { peers.names.name(of: id.interface) }

  /// The pace of a peer's last minute; see `PaceHistory.shares`.
  func pace(of peer: PeerReport<PeerID>, parts: Int, until now: Int64) -> [Float?] {
    histories[peer.id]?.shares(parts: parts, until: now, interval: peer.interval)
      ?? Array(repeating: nil, count: parts)
  }
}
