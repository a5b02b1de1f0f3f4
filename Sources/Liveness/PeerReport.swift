// SPDX-License-Identifier: Apache-2.0

/// A peer for people and machines to read. Times are in nanoseconds of CLOCK_MONOTONIC, spans in nanoseconds
/// unless said otherwise.
package struct PeerReport<ID: Hashable & Sendable>: Sendable {
  /// Who it is.
  package var id: ID
  /// `alive`, `late`, `silent` or `unknown`.
  package var state: PeerState
  /// When the state began; a silence begins with the last beat before it.
  package var stateSince: Int64
  /// When its last beat arrived.
  package var lastHeard: Int64
  /// Whether datagrams arrived since that were no heartbeats.
  package var sendsOther: Bool
  /// How long the silence was from which it came back last, 0 if there was none.
  package var lastSilence: Int64
  /// Whether it was heard for so long that no newcomer takes its place, or is named in the configuration.
  package var isEstablished: Bool
  /// How often it is expected to be heard.
  package var interval: Int64
  /// Distinct beats that arrived.
  package var beats: UInt64
  /// Beats missing from the payloads' own time: lost on the way, or never sent.
  package var missed: UInt32
  /// Beats missing while the kernel dropped datagrams of ours, or we were not there.
  package var missedHere: UInt32
  /// Beats that came again.
  package var duplicates: UInt32
  /// Beats that came after a later one.
  package var reordered: UInt32
  /// How often its sender was started again, as far as port and schedule tell.
  package var restarts: UInt32
  /// How often its clock was stepped.
  package var clockSteps: UInt32
  /// Interarrival jitter (RFC 3550, 6.4.1).
  package var jitter: Int64
  /// Our wall clock minus its payload at the last beat, in microseconds, the way included.
  package var offset: Int64
  /// Its source port, the steadier one of several.
  package var port: UInt16
  /// Another port that is heard in turns with `port`, where several senders share the address.
  package var otherPort: UInt16?

  init(id: ID, _ peer: Peer) {
    self.id = id
    state = peer.state
    stateSince = peer.stateSince
    lastHeard = peer.lastHeard
    sendsOther = (peer.lastOther ?? .min) > peer.lastHeard
    lastSilence = peer.silence
    isEstablished = peer.isEstablished
    interval = peer.interval.interval
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
    otherPort = peer.ports.isShared ? peer.ports.otherPort : nil
  }
}
