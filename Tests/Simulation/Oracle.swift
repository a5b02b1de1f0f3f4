// SPDX-License-Identifier: Apache-2.0

import Liveness
import Platform

/// Knows what really happened, and holds what a daemon says against it, as the run goes.
///
/// Indices of ports are those of the world: the one that hears first, then the one that is heard.
final class Oracle {
  /// The oracle's book of a port.
  struct Listening {
    var audibility = Audibility()
    /// Whether the daemon told that the network is silent there, and peers that were read since.
    var isNetworkSilent = false
    var heardSinceSilent = 0
    /// When something last kept the daemon from judging, as it was here.
    var impeded: Int64 = 0
    /// When it last changed unseen by a process, which was stopped or not there: nobody can know for how long
    /// nothing could be received.
    var hidden: Int64 = .min
    /// What arrived before that in a kept socket counts for nothing: the process before left no state.
    var unknownUntil: Int64 = .min
    /// When the socket last dropped a datagram. The daemon allows for the share of all that was dropped, not
    /// for the time in which it was.
    var dropped: Int64 = .min
    /// When a heartbeat was read last of an address that is no host's.
    var strangers: Int64 = .min
    /// Whether the daemon told that it judges nobody, for the socket drops too much.
    var isSuspended = false
    /// Of our own heartbeats: sent since the last that was read, and whether they are told missing.
    var sentUnheard = 0
    /// When the last two were sent.
    var lastSent: Int64 = .min
    var sentBefore: Int64 = .min
    var isOwnMissing = false
    var ownSince = 0
  }

  /// It outlives the oracle, which is asked for every datagram.
  unowned(unsafe) let world: World
  let count: Int
  /// By port that hears, then by port that is heard.
  var sightings: [Sighting]
  var listening: [Listening]
  /// The shortest interval at which a port ever sent.
  var intervals: [Int64]
  /// What the checkpoint of each host holds.
  private var saved: [[Sighting]?]
  /// The ports of other hosts on the network of each.
  let peers: [[Int]]
  private let portsByAddress: [IPAddress: Int]
  /// By host, peers of which something was told since its last tick: their files must be as it is.
  var toldSince: [[PeerID]]

  init(of world: World) {
    self.world = world
    count = world.ports.count
    sightings = Array(repeating: Sighting(), count: count * count)
    listening = Array(repeating: Listening(), count: count)
    intervals = world.ports.map { world.hosts[$0.host].plan.interval }
    saved = Array(repeating: nil, count: world.hosts.count)
    toldSince = Array(repeating: [], count: world.hosts.count)
    peers = world.ports.map { port in
      world.networks[port.network].filter { world.ports[$0].host != port.host }
    }
    portsByAddress = Dictionary(uniqueKeysWithValues: world.ports.enumerated().map { ($1.address, $0) })
  }

  func port(of address: IPAddress) -> Int? { portsByAddress[address] }

  @inline(__always)
  func place(_ port: Int, _ other: Int) -> Int { port * count + other }

  // MARK: What happens

  func audible(_ port: Int) -> Int64 { audible(port, at: world.now) }

  @inline(__always)
  func audible(_ port: Int, at now: Int64) -> Int64 { listening[port].audibility.reading(at: now) }

  /// Interfaces, memberships or the socket of a host changed.
  func changed(_ host: Host) {
    for port in host.ports {
      let state = world.ports[port]
      let isAudible = state.isLinked && state.isJoined && host.socket.map { !$0.isFull } ?? false
      listening[port].audibility.set(isAudible, at: world.now)
    }
    impeded(host)
  }

  /// Something may keep the daemon of a host from judging.
  func impeded(_ host: Host) { for port in host.ports { listening[port].impeded = world.now } }

  func dropped(_ host: Host) {
    changed(host)
    for port in host.ports { listening[port].dropped = world.now }
  }

  @inline(__always)
  func queued(_ port: Int, _ sender: Int, isHeartbeat: Bool) {
    if isHeartbeat { sightings[place(port, sender)].unread += 1 }
  }

  @inline(__always)
  func read(_ entry: SimulatedSocket.Entry, _ datagram: DatagramPool.Entry, now: Int64) {
    let port = Int(entry.port)
    guard datagram.isHeartbeat else { return }
    guard datagram.sender >= 0 else {
      listening[port].strangers = now
      return
    }
    let sender = Int(datagram.sender)
    guard entry.arrived >= listening[port].unknownUntil else {
      sightings[place(port, sender)].unread -= 1
      return
    }
    let isFresh = datagram.isGenuine && !entry.isCopy
    sightings[place(port, sender)].note(
      arrived: entry.arrived, audible: entry.audible, isFresh: isFresh,
      interval: intervals[sender], now: now)
    if !datagram.isGenuine { sightings[place(port, sender)].forged = now }
    if sender == port {
      listening[port].sentUnheard = 0
      listening[port].ownSince += 1
    } else if isFresh, sightings[place(port, sender)].told != .nothing {
      listening[port].heardSinceSilent += 1
    }
  }

  /// A datagram in a socket that was closed.
  func discarded(_ entry: SimulatedSocket.Entry) {
    let datagram = world.pool.entries[Int(entry.datagram)]
    guard datagram.isHeartbeat, datagram.sender >= 0 else { return }
    sightings[place(Int(entry.port), Int(datagram.sender))].unread -= 1
  }

  func sent(_ port: Int, every interval: Int64) {
    listening[port].sentUnheard += 1
    let before = listening[port].sentBefore
    if before > .min, world.now - before < interval / 10 * 9 {
      fail(.schedule, port, "three beats in \(text(world.now - before)), at an interval of \(text(interval))")
    }
    (listening[port].sentBefore, listening[port].lastSent) = (listening[port].lastSent, world.now)
  }

  /// From now on.
  func sends(every interval: Int64, from port: Int) {
    intervals[port] = min(intervals[port], interval)
    (listening[port].sentBefore, listening[port].lastSent) = (.min, .min)
  }

  // MARK: Processes

  func started(_ host: Host, isRestored: Bool, isGapless: Bool) {
    for port in host.ports {
      sends(every: host.interval, from: port)
      listening[port].isNetworkSilent = false
      listening[port].heardSinceSilent = 0
      listening[port].sentUnheard = 0
      listening[port].isOwnMissing = false
      listening[port].isSuspended = false
      for other in 0..<count {
        let old = isRestored ? saved[host.number]?[(port - host.ports.lowerBound) * count + other] : nil
        let unread = sightings[place(port, other)].unread
        var sighting = old ?? Sighting()
        // What was heard after the checkpoint the new process does not know, but it was heard.
        sighting.lastRead = sightings[place(port, other)].lastRead
        sighting.lastAudible = sightings[place(port, other)].lastAudible
        sighting.unread = unread
        // It fell silent again before what was heard after the checkpoint.
        if let old, old.lastRead != .min, sighting.lastRead - old.lastRead > 3 * intervals[other] {
          sighting.freshSince = 0
        }
        if old == nil { sighting.lastRead = .min }
        // Sources that were heard once are not in a checkpoint, and those that were not told are.
        if sighting.told == .nothing { (sighting.since, sighting.freshSince) = (0, 0) }
        sightings[place(port, other)] = sighting
      }
      listening[port].unknownUntil = isGapless && !isRestored ? world.now : .min
      // Whether the network is silent is part of the checkpoint.
      listening[port].isNetworkSilent = isRestored && savedNetworkSilent[port]
    }
    impeded(host)
  }

  private var savedNetworkSilent: [Bool] {
    networkSilentSaved.isEmpty ? Array(repeating: false, count: count) : networkSilentSaved
  }
  private var networkSilentSaved: [Bool] = []

  func saved(_ host: Host) {
    let rows = host.ports.lowerBound * count..<host.ports.upperBound * count
    saved[host.number] = Array(sightings[rows])
    if networkSilentSaved.isEmpty { networkSilentSaved = Array(repeating: false, count: count) }
    for port in host.ports { networkSilentSaved[port] = listening[port].isNetworkSilent }
  }

  /// A daemon knows that an interface is gone: what is told of it ends, and who was heard once may be
  /// forgotten.
  func lost(_ port: Int) {
    listening[port].isOwnMissing = false
    for other in peers[port] where sightings[place(port, other)].told == .nothing {
      sightings[place(port, other)].freshSince = 0
    }
  }

  func ended(_ host: Host) {
    impeded(host)
    toldSince[host.number] = []
  }

  /// The interface of a port changed.
  func changed(port: Int) {
    let host = world.hosts[world.ports[port].host]
    changed(host)
    if host.process == nil || host.stalledUntil > world.now { listening[port].hidden = world.now }
  }

  /// CLOCK_REALTIME was stepped: by how much is known to a process that was there, and from its state to the
  /// next one.
  func steppedClock(of host: Host) { impeded(host) }

  /// Whether the interface changed since then, and no daemon saw how.
  func isHidden(_ port: Int, since time: Int64) -> Bool {
    world.ports[port].isUnnoticed || listening[port].hidden >= time
  }

  func fail(_ invariant: Invariant, _ port: Int, _ text: @autoclosure () -> String) {
    world.fail(invariant, host: world.ports[port].host, text())
  }

  /// `10.0.0.7 (port 6)`
  func name(_ port: Int) -> String { "\(world.ports[port].address) (port \(port))" }

  /// In seconds.
  func text(_ span: Int64) -> String { "\(Double(span / 1_000_000) / 1000) s" }
}
