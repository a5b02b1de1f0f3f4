// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Journal
import Liveness
import Monitor
import Multicast
import Platform
import Rules
import Settings

/// The hot path from the socket to the log, as one value. The receive loop takes access to it once for each
/// batch; no datagram costs an allocation or reference counting.
package struct ReceivePipeline {
  package var log: DatagramLog
  package private(set) var monitor: Monitor
  private(set) var members = MembershipIndex()
  private(set) var senders: OwnSenders
  private let places: SendingPlaces
  /// The version of `places` that `senders` was built from.
  private var placesSeen = -1
  /// Whether our own heartbeats should be received: same group and port, loopback on, our address accepted.
  private var expectsOwn = false

  /// - Parameters:
  ///   - sent: The timestamps and times of our own heartbeats.
  ///   - places: The addresses and ports that they are sent from.
  ///   - previous: The last heartbeats of the previous process.
  package init(
    log: DatagramLog, monitor: Monitor, sent: SentTimes, places: SendingPlaces, previous: SenderCheckpoint?
  ) {
    self.log = log
    self.monitor = monitor
    self.places = places
    senders = OwnSenders(sent: sent, previous: previous)
    self.log.setInterfaceNames(monitor.liveness.names)
  }

  /// Reads one batch.
  ///
  /// - Parameter now: monotonic nanoseconds.
  /// - Returns: Datagrams read; fewer than `MulticastReceiver.batchSize` when the socket was emptied.
  /// - Throws: `MulticastError.system`
  mutating func read(_ receiver: MulticastReceiver, now: Int64) throws(MulticastError) -> Int {
    begin(realtime: Clocks.realtime(), now: now)
    defer { log.end() }
    let group = receiver.group.address
    var stamp: Int64 = 0
    let count = try receiver.receiveBatch { datagrams in
      take(datagrams, of: group, now: now)
      stamp = datagrams.last?.receivedNanoseconds ?? 0
    }
    noteRead(count, stamp: stamp, now: now)
    return count
  }

  /// A batch is about to be read; `log.end` ends it.
  ///
  /// - Parameters:
  ///   - realtime: nanoseconds of CLOCK_REALTIME.
  ///   - now: monotonic nanoseconds.
  package mutating func begin(realtime: Int64, now: Int64) {
    log.begin(now: now)
    _ = monitor.handle(.reading(realtime: realtime), at: now)
  }

  /// The datagrams of a batch were taken.
  ///
  /// - Parameters:
  ///   - count: fewer than `MulticastReceiver.batchSize` when the socket was emptied.
  ///   - stamp: The last one's receive stamp.
  ///   - now: monotonic nanoseconds.
  package mutating func noteRead(_ count: Int, stamp: Int64, now: Int64) {
    let isLast = count < MulticastReceiver.batchSize
    _ = monitor.handle(.read(.init(count: count, isLast: isLast, stamp: stamp)), at: now)
    if isLast { senders.forgetPrevious() }
  }

  /// The datagrams of a batch. The peers of all are looked for before the first is heard, so that the
  /// processor fetches them from memory at the same time, where each datagram would wait for its own.
  package mutating func take(
    _ datagrams: UnsafeBufferPointer<ReceivedDatagram>, of group: IPAddress, now: Int64
  ) {
    guard monitor.liveness.isWorthLookingAhead else {
      for datagram in datagrams { take(datagram, of: group, now: now) }
      return
    }
    withUnsafeTemporaryAllocation(of: UInt64.self, capacity: datagrams.count) { hashes in
      for (place, datagram) in datagrams.enumerated() {
        hashes[place] = 0
        guard let number = members.find(datagram.interfaceIndex)?.number else { continue }
        // A plain one has no words, and is read only once.
        let hasWords = datagram.payload.count > Heartbeat.encodedSize
        let said = hasWords ? Heartbeat.read(datagram.payload)?.said : nil
        hashes[place] = monitor.lookAhead(
          to: PeerID(said, from: datagram.source.address, interface: number))
      }
      for (place, datagram) in datagrams.enumerated() {
        guard let number = members.find(datagram.interfaceIndex)?.number else { continue }
        monitor.prefetchPeer(hash: hashes[place], on: number)
      }
      for (place, datagram) in datagrams.enumerated() {
        take(datagram, of: group, hash: hashes[place], now: now)
      }
    }
  }

  /// A datagram of a batch.
  ///
  /// - Parameters:
  ///   - group: That others are foreign to.
  ///   - hash: Of its peer, where it was looked up before.
  ///   - now: monotonic nanoseconds.
  @inline(__always)
  package mutating func take(
    _ datagram: borrowing ReceivedDatagram, of group: IPAddress, hash: UInt64? = nil, now: Int64
  ) {
    guard datagram.destination == group, let member = members.find(datagram.interfaceIndex) else {
      return log.countForeign()
    }
    if places.hasChanged(since: placesSeen) { followPlaces(now: now) }
    let outline = Heartbeat.read(datagram.payload)
    var origin = HeartbeatOrigin.peer
    if let outline, senders.mayBeOwn(datagram.source.port) {
      origin = self.origin(of: datagram.source, outline.stamp, on: member.number)
    }
    var heard = Monitor.Datagram(
      outline: outline, source: datagram.source, interface: member.number,
      received: datagram.receivedNanoseconds, origin: origin, hash: hash)
    monitor.authenticate(datagram.payload, as: &heard, at: now)
    _ = monitor.handle(.datagram(heard), at: now)
    monitor.noteReadings(datagram.payload, of: heard)
    log.record(
      LoggedDatagram(
        payload: datagram.payload, size: datagram.size, source: datagram.source, interface: member.number,
        isHeartbeat: outline != nil, said: outline?.said, proof: heard.proof,
        receivedNanoseconds: datagram.receivedNanoseconds),
      isOwn: origin != .peer)
  }

  /// Off the hot path: called for one heartbeat in 64 of other hosts, and for our own.
  @inline(never)
  private func origin(of source: Endpoint, _ stamp: Heartbeat.Stamp, on interface: Int32) -> HeartbeatOrigin {
    let sender = senders.find(
      source, payload: stamp.time.microsecondsSinceEpochAsUTC, isLocal: { members.isLocal($0) })
    guard let sender else { return .peer }
    return sender.interface == interface ? .loopback : .otherInterface
  }

  /// Rebuilds `senders` after a change of the addresses that heartbeats are sent from.
  @inline(never)
  private mutating func followPlaces(now: Int64) {
    let (version, places) = places.read()
    placesSeen = version
    senders.set(places.map { OwnSender(interface: monitor.number(of: $0.interface), source: $0.source) })
    log.setInterfaceNames(monitor.liveness.names)
    expectOwn(now: now)
  }

  private mutating func expectOwn(now: Int64) {
    let interfaces = expectsOwn ? senders.interfaces.intersection(members.numbers) : []
    _ = monitor.handle(.expectsOwn(on: interfaces), at: now)
  }

  /// Takes the interfaces on which the group is joined; only peers that can be heard are judged.
  ///
  /// - Parameters:
  ///   - withoutCarrier: The indices of those without a carrier, on which nothing can arrive.
  ///   - awaited: The names of the configured interfaces, present or not; nil for any.
  ///   - expectsOwn: Whether our own heartbeats should be received where we both send and receive.
  ///   - names: Numbers of interfaces that are in use elsewhere.
  ///   - now: monotonic nanoseconds.
  mutating func listen(
    on interfaces: [NetworkInterface], withoutCarrier: Set<UInt32>, awaited: Set<String>?, expectsOwn: Bool,
    keeping names: Set<Int32>, now: Int64
  ) -> [Directive] {
    monitor.releaseNames(except: senders.allInterfaces.union(names), now: now)
    members = MembershipIndex(interfaces) { monitor.number(of: $0) }
    log.setInterfaceNames(monitor.liveness.names)
    let memberships = Monitor.Memberships(
      interfaces: members.numbers, withoutCarrier: Set(withoutCarrier.compactMap { members.number(of: $0) }),
      awaited: awaited)
    let directives = monitor.handle(.joined(memberships), at: now)
    self.expectsOwn = expectsOwn
    if places.hasChanged(since: placesSeen) { followPlaces(now: now) } else { expectOwn(now: now) }
    return directives
  }

  package mutating func configure(_ configuration: Monitor.Configuration, now: Int64) -> [Directive] {
    monitor.handle(.configured(configuration), at: now)
  }

  /// This host says these readings from now on.
  package mutating func say(_ readings: [Reading], as name: HostName?, runs: [UInt64], now: Int64) {
    _ = monitor.handle(.says(readings, as: name, runs: runs), at: now)
  }

  /// Has these rules in force from now on, and no others.
  ///
  /// - Parameter entered: As of `Monitor.Input`.
  package mutating func setRules(_ rules: [Rule], entered: Set<RuleName>?, now: Int64) -> [Directive] {
    monitor.handle(.rules(rules, entered: entered), at: now)
  }

  /// Authenticates heartbeats with these keys from now on, or not.
  package mutating func authenticate(by policy: Monitor.AuthenticationPolicy, now: Int64) {
    _ = monitor.handle(.authenticated(policy), at: now)
  }

  // MARK: Judging and handing over

  /// The kernel dropped so many datagrams since the last call.
  package mutating func countDrops(_ count: Int, now: Int64) { _ = monitor.handle(.drops(count), at: now) }

  /// As of `Monitor`.
  mutating func hasNews() -> Bool { monitor.hasNews() }

  /// Judges peers and our own heartbeats; nothing may wait in the socket.
  ///
  /// - Parameters:
  ///   - input: A tick, or a deadline.
  ///   - sent: When our own heartbeats left since the last call.
  ///   - now: monotonic nanoseconds.
  mutating func judge(_ input: Monitor.Input, sent: [SentTimes.Departures], now: Int64) -> [Directive] {
    let sent = sent.compactMap { departures in
      members.number(of: departures.interface).map { (interface: $0, times: departures.times) }
    }
    _ = monitor.handle(.sent(sent), at: now)
    return monitor.handle(input, at: now)
  }

  /// Peers and senders for the next process.
  ///
  /// - Parameters:
  ///   - isComplete: Whether reading has ended for good.
  ///   - now: monotonic nanoseconds.
  package func checkpoint(isComplete: Bool, now: Int64) -> PeerCheckpoint {
    let liveness = monitor.liveness
    return PeerCheckpoint(
      group: monitor.group.map { "\($0)" }, namespace: NetworkNamespace.cookie,
      snapshots: liveness.snapshots(at: now), names: liveness.names,
      senders: senders.kept(isComplete: isComplete),
      silentExpected: liveness.expected.silent.map { "\($0)" },
      rules: Dictionary(monitor.rules.stored.map { ($0.key.text, $0.value) }) { first, _ in first },
      isComplete: isComplete,
      accepted: monitor.accepted.stored)
  }
}

extension Monitor.Configuration {
  init(_ settings: Settings) {
    self.init(
      group: settings.subscribe.enabled ? settings.subscribe.endpoint : nil, capacity: settings.peersMax,
      expected: settings.peersExpected, falseAlarms: settings.falseAlarms, sources: settings.sources,
      interval: settings.interval.nanoseconds,
      zoneOffset: settings.timestamp.offset(at: Clocks.realtime()))
  }
}

extension Monitor {
  /// Begins with what the previous process left.
  ///
  /// - Parameters:
  ///   - kept: nil where it left nothing.
  ///   - isGapless: Whether the receive socket was kept as well.
  ///   - hash: As of `PeerTable`.
  package init(
    _ configuration: Configuration, restoring kept: PeerCheckpoint?, realtime: Int64, at now: Int64,
    isGapless: Bool, hash: @escaping @Sendable (PeerID) -> UInt64 = PeerID.seededHash
  ) {
    self.init(
      configuration,
      restoring: kept.map {
        PeerInterfaces(
          restoring: $0.snapshots, names: $0.names, capacity: configuration.capacity,
          expected: configuration.expected.count, at: now, isGapless: isGapless && $0.isComplete,
          isComplete: $0.isComplete, hash: hash)
      },
      accepted: kept.map {
        AcceptedHeartbeats(
          $0.accepted, capacity: configuration.capacity, isExact: isGapless && $0.isComplete, now: now)
      },
      rules: Dictionary(
        (kept?.rules ?? [:]).compactMap { name, rule in RuleName(name).map { ($0, rule) } }
      ) { first, _ in first },
      silent: (kept?.silentExpected ?? []).compactMap { PeerSubject($0) }, realtime: realtime, at: now,
      isGapless: isGapless, hash: hash)
  }
}
