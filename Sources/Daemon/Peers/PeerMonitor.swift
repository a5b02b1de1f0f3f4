// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Liveness
import Multicast
import Platform

/// Runs `GroupLiveness` for the receive loop, to which it belongs: reads the clocks and the zone, and keeps
/// the peers' files. Where an event has a file and an entry in the journal, the file comes first.
struct PeerMonitor {
  /// Events of peers in one turn. Each is a file and an entry: thousands at once, as forged sources would
  /// have it, must not keep the loop from the socket.
  private static let peersInATurn = 100
  /// When the rest follows, in nanoseconds.
  private static let untilNextTurn: Int64 = 10_000_000

  /// What the previous process sent last.
  let previousSenders: SenderCheckpoint?
  var liveness: GroupLiveness
  private var files: PeerFiles
  private var zone: TimestampZone

  /// - Parameters:
  ///   - capacity: `peers.max`.
  ///   - expected: `peers.expected`.
  ///   - interval: Of our own heartbeats, in nanoseconds.
  ///   - zone: Of the payloads' time.
  ///   - runtime: The directory for peers' files; nil for none.
  ///   - kept: What the previous process left, if it did.
  ///   - isGapless: Whether the receive socket was kept as well.
  init(
    capacity: Int, expected: [IPAddress] = [], interval: Int64 = 1_000_000_000, zone: TimestampZone,
    runtime: String?, kept: PeerCheckpoint?, isGapless: Bool
  ) {
    let now = Clocks.monotonic()
    self.zone = zone
    previousSenders = kept?.senders
    let silent = (kept?.silentExpected ?? []).compactMap { IPAddress($0) }
    let interfaces =
      kept.map {
        PeerInterfaces(
          restoring: $0.snapshots, names: $0.names, capacity: capacity, at: now,
          isGapless: isGapless && $0.isComplete)
      } ?? PeerInterfaces(capacity: capacity)
    liveness = GroupLiveness(
      interfaces, expected: ExpectedPeers(expected, interval: interval, silent: silent),
      realtime: Clocks.realtime(), at: now, isGapless: isGapless)
    files = PeerFiles(directory: PeerDirectory(runtime: runtime))
    files.restore(liveness)
    readZone()
  }

  // MARK: What is listened to

  /// The group is joined on these interfaces and no others.
  ///
  /// - Parameters:
  ///   - awaited: The names of those that are used when they are there; nil for any.
  ///   - now: Nanoseconds of CLOCK_MONOTONIC.
  mutating func listen(on present: Set<Int32>, awaited: Set<String>?, now: Int64) {
    let forgotten = liveness.listen(on: present, awaited: awaited, now: now)
    files.remove(forgotten, liveness)
  }

  /// Another configuration is in force. Peers that are not to be heard any more are forgotten, not silent.
  ///
  /// - Parameters:
  ///   - interval: Of our own heartbeats, in nanoseconds.
  ///   - sources: Addresses from which datagrams are accepted; empty for any.
  ///   - zone: Of the payloads' time.
  mutating func apply(
    capacity: Int, expected: [IPAddress], interval: Int64, sources: [IPAddress], zone: TimestampZone
  ) {
    self.zone = zone
    readZone()
    let unexpected = liveness.configure(
      capacity: capacity, expected: expected, interval: interval, now: Clocks.monotonic())
    for address in unexpected { files.update(PeerID(address: address, interface: 0), liveness) }
    guard !sources.isEmpty else { return }
    let forgotten = liveness.forget { !sources.contains($0.address) }
    files.remove(forgotten, liveness)
  }

  /// Another group is listened to, or none.
  mutating func forgetAll() {
    let forgotten = liveness.forgetAll()
    files.remove(forgotten, liveness)
  }

  // MARK: A batch

  /// A batch is about to be read.
  mutating func begin(now: Int64) {
    liveness.begin(realtime: Clocks.realtime(), now: now)
  }

  // MARK: Judging

  /// Judges as of the moment up to which everything has been heard, and brings the files up to date.
  ///
  /// - Returns: Events for the journal, of so many peers as a turn allows.
  mutating func judge() -> [PeerEvent<PeerID>] {
    let judgement = liveness.judge(now: Clocks.monotonic(), limit: Self.peersInATurn)
    for event in judgement.events { files.follow(event, liveness) }
    files.remove(judgement.forgotten, liveness)
    return judgement.events
  }

  /// Expected peers that became silent without ever having been heard.
  mutating func takeMissing() -> [IPAddress] {
    let missing = liveness.takeMissing()
    files.followExpected(liveness)
    return missing
  }

  /// Repairs the files; to be called once a second.
  mutating func repairFiles() -> FileHealth.Change? { files.repair(liveness) }

  /// When to judge next, in nanoseconds of CLOCK_MONOTONIC.
  var nextDeadline: Int64? {
    liveness.hasEvents ? Clocks.monotonic() + Self.untilNextTurn : liveness.nextDeadline
  }

  /// Reads the zone again, which may have changed; to be called once a second.
  mutating func readZone() {
    let now = Clocks.realtime() / 1_000_000_000
    let local = CivilTime(secondsSinceEpoch: now, microsecond: 0, zone: zone)
    liveness.setZoneOffset((local.secondsSinceEpochAsUTC - now) * 1_000_000)
  }

  // MARK: For the next process

  /// State handed to the next process.
  ///
  /// - Parameter group: Whose peers they are; nil where nothing is received.
  func kept(isComplete: Bool, group: Endpoint?) -> PeerCheckpoint {
    PeerCheckpoint(
      group: group.map { "\($0)" }, namespace: NetworkNamespace.cookie,
      snapshots: liveness.interfaces.snapshots(at: Clocks.monotonic()), names: liveness.names,
      silentExpected: liveness.expected.silent.map { "\($0)" }, isComplete: isComplete)
  }
}
