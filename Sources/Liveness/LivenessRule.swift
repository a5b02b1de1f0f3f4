// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Platform

/// The numbers by which peers, the network and our own heartbeats are judged, each with its reason. Spans are
/// in nanoseconds; an interval is the one that is expected of a peer (`IntervalEstimator`).
///
/// How an interval is learned is `IntervalEstimator`'s own, and what counts as a prompt return that of
/// `QuerierProbe` in Multicast, which knows no peers.
enum LivenessRule {
  // MARK: Intervals

  /// The shortest interval that can be configured.
  static var shortestInterval: Int64 { HeartbeatInterval.range.lowerBound }
  /// The longest interval that can be configured.
  static var longestInterval: Int64 { HeartbeatInterval.range.upperBound }
  /// The least interval to assume of a peer of which little is known: 1 s, as the Python peers send.
  static let assumedInterval: Int64 = 1_000_000_000
  /// Assumed intervals that a peer gets of which a single turn is known: it may send bursts many seconds
  /// apart.
  static let burstFactor: Int64 = 10

  // MARK: Silence of a peer

  // How many beats are missing when a peer is late or silent, and how late they may be, is `Patience`.

  /// How long after its last beat a silent peer is removed, and an interface that is gone with all its peers:
  /// a day.
  static let forgottenAfter: Int64 = 86_400 * 1_000_000_000
  /// How long before it comes a deadline that has moved is set anew: 2 s, which is more than from one tick to
  /// the next, so that in a group where all is well no timer fires for it.
  static let armedAhead: Int64 = 2_000_000_000
  /// Deadlines are rounded up to a multiple of this, so that many peers share a wake-up: 50 ms.
  static let wakeUpStep: Int64 = 50_000_000

  /// How long reading what waited in a kept socket takes at most: 10 s, for a million datagrams.
  static let longestBacklog: Int64 = 10_000_000_000

  /// Peers of which how many beats may be missing is found anew in one judgement.
  static let reviewsAtOnce = 1024

  // MARK: Silence of a network

  /// How long after a beat the next one tells, by being missing, that its sender or the network stopped: half
  /// an interval late, since a peer that is merely late must not make a silence the network's.
  static func overdueAfter(_ interval: Int64) -> Int64 {
    interval + max(interval / 2, Patience.leastMargin)
  }
  /// Intervals after a peer's last beat. Another peer that was heard later shows that the network was well
  /// when at least two beats were missing, and so corroborates the silence.
  static let corroboratedAfter: Int64 = 2
  /// Peers whose last beats are no more than this many of the longer interval apart stopped together.
  static let togetherWithin: Int64 = 2
  /// The fewest peers that make a silence the network's.
  static let fewestTogether = 2
  /// How long an impediment may last before peers that were heard until then are unknown: 3 s, for an
  /// interface that is set down and up again is not worth an event.
  static let impedimentGrace: Int64 = 3_000_000_000

  // MARK: Interfaces

  /// How long the number of an interface's name is kept when nothing uses it any more: a minute, in which
  /// what is left of its events is reported.
  static let nameKeptFor: Int64 = 60_000_000_000

  // MARK: Our own heartbeats

  /// Heartbeats in a row that were sent and did not come back when that is a fault: as for a new peer.
  static let selfTestBeats = Patience.ofNewcomers
  /// The least time over which those were sent: 1 s, for at the shortest interval five take 50 ms.
  static let selfTestSpan: Int64 = 1_000_000_000
  /// Heartbeats in a row from which on it is doubtful whether we receive: two, for one may be on its way.
  static let selfTestDoubtfulBeats = 2
  /// When a peer's silence is judged again that was overdue while that was doubtful: 500 ms.
  static let retryAfter: Int64 = 500_000_000
  /// How long no peer was heard when it matters to peers that our own heartbeats do not come back: 2 s.
  static let hostUnheardAfter: Int64 = 2_000_000_000

  // MARK: Expected peers

  /// Our own intervals for which an expected peer could have been received before it is silent without ever
  /// being heard: twice those of a new peer, for its interval is not known.
  static let expectedIntervals: Int64 = 10
  /// The longest pause between two judgements that counts for those: 3 s; in a longer one the daemon was
  /// stopped.
  static let longestStep: Int64 = 3_000_000_000

  // MARK: Kernel drops

  /// The share of datagrams dropped above which no peer is judged: at 10 %, the five beats of a new peer are
  /// lost in a row by chance once in 100,000 cases, once a day at 1 Hz. Below it `ListeningClock` allows for
  /// the share.
  static let dropShareLimit = 0.1
  /// How long the share must be below the limit before peers are judged again: 5 s.
  static let dropShareCalm: Int64 = 5_000_000_000

  // MARK: Returns

  /// How long after its goodbye a peer that is heard again was merely restarted: three intervals, and half a
  /// one for jitter.
  static func restartedWithin(_ interval: Int64) -> Int64 {
    3 * interval + max(interval / 2, Patience.leastMargin)
  }

  // MARK: Admission

  /// A peer heard over this span is established and gives its place to no newcomer while it is not silent:
  /// 10 s, which a forger of sources has to keep up for each.
  static let establishedAfter: Int64 = 10 * 1_000_000_000
  /// The longest time from the first beat of a source to its second: twice the longest interval.
  static var longestGap: Int64 { 2 * longestInterval }
  /// A newcomer not heard for this long may be evicted: a beat and a half of the assumed interval.
  static let newcomerOverdueAfter: Int64 = assumedInterval * 3 / 2
}
