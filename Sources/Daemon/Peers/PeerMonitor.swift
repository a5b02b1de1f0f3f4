// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Journal
import Liveness
import Multicast
import Platform

/// Runs `GroupLiveness` for the receive loop, to which it belongs: reads the clocks and the zone, and keeps
/// the peers' files. Where an event has a file and an entry in the journal, the file comes first.
struct PeerMonitor {
  /// Events of peers in one turn. Each is a file and an entry: thousands at once, as forged sources would
  /// have it, must not keep the loop from the socket.
  private static let peersInATurn = 100
  /// Delay before the next turn, in nanoseconds.
  private static let untilNextTurn: Int64 = 10_000_000

  /// The last heartbeats of the previous process.
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
    capacity: Int, expected: [IPAddress], interval: Int64, zone: TimestampZone,
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

  // MARK: Interfaces and settings

  /// Frees the numbers of interfaces that are gone for good, but those that are used otherwise; to be called
  /// before interfaces are numbered.
  mutating func releaseNames(except used: Set<Int32>, now: Int64) {
    liveness.releaseNames(except: used.union(files.interfaces), now: now)
  }

  /// Sets the interfaces on which the group is joined.
  ///
  /// - Parameters:
  ///   - awaited: The names of the configured interfaces, present or not; nil for any.
  ///   - now: Nanoseconds of CLOCK_MONOTONIC.
  mutating func listen(on present: Set<Int32>, awaited: Set<String>?, now: Int64) {
    let forgotten = liveness.listen(on: present, awaited: awaited, now: now)
    files.remove(forgotten, liveness)
  }

  /// Applies new settings. Peers that are no longer accepted are removed without an event.
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
    for address in unexpected {
      files.update(PeerID(address: address, interface: PeerFiles.nowhere), liveness)
    }
    guard !sources.isEmpty else { return }
    let forgotten = liveness.forget { !sources.contains($0.address) }
    files.remove(forgotten, liveness)
  }

  /// Removes all peers, for another group or none.
  mutating func forgetAll() {
    let forgotten = liveness.forgetAll()
    files.remove(forgotten, liveness)
  }

  // MARK: A batch

  /// To be called before a batch is read.
  mutating func begin(now: Int64) {
    liveness.begin(realtime: Clocks.realtime(), now: now)
  }

  // MARK: Judging

  /// Judges the peers up to the last emptied read of the socket, and updates the files.
  ///
  /// - Returns: Events for the journal, of at most `peersInATurn` peers.
  mutating func judge() -> [PeerEvent<PeerID>] {
    let judgement = liveness.judge(now: Clocks.monotonic(), limit: Self.peersInATurn)
    for event in judgement.events { files.follow(event, liveness) }
    files.remove(judgement.forgotten, liveness)
    return judgement.events
  }

  /// Returns, once each, expected peers that became silent without ever having been heard.
  mutating func takeMissing() -> [IPAddress] {
    let missing = liveness.takeMissing()
    files.followExpected(liveness)
    return missing
  }

  /// Repairs the files; to be called once a second.
  mutating func repairFiles(_ events: EventLog) {
    events.report(
      files.repair(liveness), files: "peers",
      consequence: "Units that watch them may not see that a peer fell silent.")
  }

  var summary: PeerSummary { PeerSummary(counts: liveness.counts, conditions: liveness.conditions) }

  /// Time of the next judgement, in nanoseconds of CLOCK_MONOTONIC.
  var nextDeadline: Int64? {
    liveness.hasEvents ? Clocks.monotonic() + Self.untilNextTurn : liveness.nextDeadline
  }

  /// Reads the offset of the zone, which may have changed; to be called once a second.
  mutating func readZone() {
    liveness.setZoneOffset(zone.offset(at: Clocks.realtime()))
  }

  // MARK: For the next process

  /// State handed to the next process.
  ///
  /// - Parameter group: Of the peers; nil without a subscription.
  func kept(isComplete: Bool, group: Endpoint?) -> PeerCheckpoint {
    PeerCheckpoint(
      group: group.map { "\($0)" }, namespace: NetworkNamespace.cookie,
      snapshots: liveness.interfaces.snapshots(at: Clocks.monotonic()), names: liveness.names,
      silentExpected: liveness.expected.silent.map { "\($0)" }, isComplete: isComplete)
  }
}
