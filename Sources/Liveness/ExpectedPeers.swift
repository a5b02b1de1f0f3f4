// SPDX-License-Identifier: Apache-2.0

/// The peers that the configuration names (`peers.expected`) and that were never heard: unknown at first, and
/// silent when they could have been received for ten intervals. A pure value; times are in nanoseconds of
/// CLOCK_MONOTONIC.
package struct ExpectedPeers: Equatable, Sendable {
  /// `peers.expected`, whether heard or not.
  package let subjects: [PeerSubject]
  /// How long they could have been received before they are silent, in nanoseconds.
  package let patience: Int64
  /// For how long each of those never heard could have been received, in nanoseconds.
  private(set) var unheard: [PeerSubject: Int64] = [:]
  private var judgedAt: Int64?
  /// The state of each at the last `takeChanges`.
  private var told: [PeerSubject: PeerState] = [:]

  /// Peers that are expected from now on.
  ///
  /// - Parameters:
  ///   - interval: Of our own heartbeats, in nanoseconds.
  ///   - silent: Those that the previous process reported as silent.
  package init(_ subjects: [PeerSubject] = [], interval: Int64 = 1_000_000_000, silent: [PeerSubject] = []) {
    self.subjects = subjects
    patience = LivenessRule.expectedIntervals * interval
    for subject in subjects { unheard[subject] = 0 }
    for subject in silent where subjects.contains(subject) { unheard[subject] = patience }
    told = states
  }

  private var states: [PeerSubject: PeerState] { unheard.mapValues { $0 >= patience ? .silent : .unknown } }

  /// Counts the time since the last call.
  ///
  /// - Parameters:
  ///   - now: Nanoseconds of CLOCK_MONOTONIC.
  ///   - canHear: Whether there is an interface on which they could be received.
  ///   - isKnown: Whether there is such a peer.
  mutating func judge(at now: Int64, canHear: Bool, isKnown: (PeerSubject) -> Bool) {
    let step = canHear ? max(0, min(now - (judgedAt ?? now), LivenessRule.longestStep)) : 0
    judgedAt = now
    for subject in subjects {
      guard !isKnown(subject) else {
        unheard[subject] = nil
        continue
      }
      let before = unheard[subject] ?? 0
      unheard[subject] = min(before + step, patience)
    }
  }

  /// Those whose `state(of:)` changed since the last call, with the state: first those that are expected no
  /// longer, then in the order of `subjects`.
  mutating func takeChanges() -> [(subject: PeerSubject, state: PeerState?)] {
    let states = states
    guard states != told else { return [] }
    defer { told = states }
    let former = told.keys.filter { !subjects.contains($0) }.sorted { "\($0)" < "\($1)" }
    return (former + subjects).filter { states[$0] != told[$0] }.map { ($0, states[$0]) }
  }

  /// `unknown` or `silent`; nil for one that was heard or is not expected.
  package func state(of subject: PeerSubject) -> PeerState? {
    unheard[subject].map { $0 >= patience ? .silent : .unknown }
  }

  /// Those that are silent without ever having been heard, in no order.
  package var silent: [PeerSubject] { unheard.filter { $0.value >= patience }.map(\.key) }

  /// Another list; those that were silent already stay so.
  func replaced(by subjects: [PeerSubject], interval: Int64) -> ExpectedPeers {
    var new = ExpectedPeers(subjects, interval: interval, silent: silent)
    new.told = told
    return new
  }

  /// How many were never heard, by their state.
  var counts: PeerCounts {
    let silent = silent.count
    return PeerCounts(silent: silent, unknown: unheard.count - silent)
  }
}
