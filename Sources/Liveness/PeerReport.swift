// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Platform

/// What is known of one peer. Times are in nanoseconds of CLOCK_MONOTONIC, spans in nanoseconds unless said
/// otherwise.
package struct PeerReport<ID: Hashable & Sendable>: Sendable {
  /// Its identity.
  package var id: ID
  /// Where its last beat came from; 0.0.0.0 where 0.1.0 stored the peer, and it was not heard since.
  package var lastAddress: IPAddress
  /// `alive`, `late`, `silent`, `left` or `unknown`.
  package var state: PeerState
  /// The state that an event told last: any but `late`; nil before the first. Another event
  /// is to come where `state` differs, but for `late`, which has none.
  package var told: PeerState?
  /// When the state began; a silence begins with the last beat before it.
  package var stateSince: Int64
  /// When its first and its last beat arrived.
  package var firstHeard: Int64
  package var lastHeard: Int64
  /// Whether datagrams that are no heartbeats arrived after its last beat.
  package var sendsOther: Bool
  /// How long its last silence was, 0 if there was none; and when that began, to a second.
  package var lastSilence: Int64
  package var lastSilenceBegan: Int64
  /// Whether it had left then: `left`, and otherwise `silent`.
  package var lastSilenceState: PeerState
  /// Whether it was heard for so long that no newcomer takes its place, or is named in the configuration.
  package var isEstablished: Bool
  /// The interval at which it is expected to be heard.
  package var interval: Int64
  /// Whether it says so itself.
  package var announcesInterval: Bool
  /// Beats in a row that are missing when it is silent, 3 to 15.
  package var silentAfterBeats: Int
  /// How unevenly its beats arrive (`ArrivalJitter`), how late one may be, and how long after its last beat
  /// it is silent.
  package var unevenness: Int64
  package var margin: Int64
  package var silentAfter: Int64
  /// When its process started, in milliseconds since the epoch, as it says; 0 where it does not.
  package var run: UInt64
  /// Whether another sender uses its name.
  package var isContested: Bool
  /// What its last beat proves; nil where nothing has to be proved.
  package var proof: Proof?
  /// Distinct beats that arrived.
  package var beats: UInt64
  /// Beats missing by their numbers: lost on the way. Without numbers from the payloads' own time: lost, or
  /// never sent.
  package var missed: UInt32
  /// Beats missing while the kernel dropped datagrams, or nothing could be received.
  package var missedHere: UInt32
  /// Beats that were received again.
  package var duplicates: UInt32
  /// Beats that were received after a later one.
  package var reordered: UInt32
  /// How often its sender was restarted, as its runs tell, or as far as port and schedule do.
  package var restarts: UInt32
  /// How often its clock was stepped.
  package var clockSteps: UInt32
  /// Interarrival jitter (RFC 3550, 6.4.1).
  package var jitter: Int64
  /// Our wall clock minus its payload at the last beat, in microseconds, the delay included.
  package var offset: Int64
  /// Its source port, the steadier one of several.
  package var port: UInt16
  /// Another port that is heard in turns with `port`, where several senders share the address.
  package var otherPort: UInt16?

  /// The report of a peer in a table.
  init(id: ID, _ peer: Peer, told: PeerState?) {
    self.id = id
    lastAddress = peer.address
    state = peer.state
    self.told = told
    stateSince = peer.stateSince
    firstHeard = peer.firstHeard
    lastHeard = peer.lastHeard
    sendsOther = peer.lastOther > peer.lastHeard
    lastSilence = peer.silence
    lastSilenceBegan = Int64(peer.silenceBegan) * 1_000_000_000
    lastSilenceState = peer.hadLeft ? .left : .silent
    isEstablished = peer.isEstablished
    interval = peer.interval
    announcesInterval = peer.announcesInterval
    silentAfterBeats = Int(peer.tolerance.patience.beats)
    unevenness = peer.tolerance.jitter.nanoseconds
    margin = peer.tolerance.margin(interval)
    silentAfter = peer.silentAfter
    run = peer.sequence.run
    isContested = peer.sequence.isContested
    proof = peer.proof
    beats = peer.beats
    missed = peer.statistics.missed.value
    missedHere = peer.statistics.missedHere.value
    duplicates = peer.statistics.duplicates.value
    reordered = peer.statistics.reordered.value
    restarts = peer.statistics.restarts.value
    clockSteps = peer.statistics.clockSteps.value
    jitter = peer.statistics.jitter * 1000
    offset = peer.statistics.offset
    port = peer.ports.port
    otherPort = peer.ports.isShared && peer.sequence.run == 0 ? peer.ports.otherPort : nil
  }
}

extension PeerReport where ID == PeerID {
  /// Its address: that of its last beat, where it has a name.
  package var address: IPAddress { id.subject.address ?? lastAddress }

  /// Its name; nil where it gives none.
  package var name: HostName? { id.subject.name }

  /// Who it is, for people: `ups1 (10.0.0.5)`, or the address of one without a name.
  package var label: String { name == nil ? "\(id.subject)" : "\(id.subject) (\(address))" }

  /// Whether it came back so soon after its goodbye that it was a restart: within three intervals.
  package var wasRestarted: Bool { lastSilence <= LivenessRule.restartedWithin(interval) }
}

extension Sequence where Element == PeerReport<PeerID> {
  /// What counts of one that is heard on several interfaces: it is alive if it is on one of them, and silent
  /// only if it is on all.
  package var mostPresent: PeerReport<PeerID>? {
    for state in PeerState.byPresence {
      if let report = first(where: { $0.state == state }) { return report }
    }
    return nil
  }
}
