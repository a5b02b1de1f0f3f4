// SPDX-License-Identifier: Apache-2.0

extension PeerRoster {
  /// Judges every peer whose deadline has come.
  ///
  /// - Parameters:
  ///   - now: Nanoseconds of CLOCK_MONOTONIC.
  ///   - hearsItself: False while our own heartbeats should have come back and did not: an uncorroborated
  ///     silence is not confirmed then.
  mutating func judge(at now: Int64, hearsItself: Bool) {
    reviewSome()
    guard impediments.isEmpty else { return judgeUnheard(at: now) }
    let listening = clock.reading(at: now)
    var overdue: [Int] = []
    while let (deadline, slot) = verdicts.first, deadline <= listening + LivenessRule.armedAhead {
      guard peers[slot].deadline <= deadline else {
        arm(slot)
        continue
      }
      guard deadline <= listening else { break }
      if peers[slot].state == .alive {
        change(slot) { $0.becomeLate(at: now) }
        arm(slot)
      } else {
        verdicts.remove(slot)
        overdue.append(slot)
      }
    }
    confirmSilence(overdue, at: now, hearsItself: hearsItself)
    while let (deadline, slot) = silents.first, deadline <= listening {
      silents.remove(slot)
      // A peer that the configuration names stays silent.
      if !peers[slot].isExpected { expired.append(slot) }
    }
  }

  /// Finds anew how many beats may be missing, of some of the peers that have another share.
  private mutating func reviewSome() {
    guard reviewFrom < peers.count else { return }
    let end = min(peers.count, reviewFrom + LivenessRule.reviewsAtOnce)
    for slot in reviewFrom..<end where peers[slot].isListed {
      peers[slot].review(share: share)
      if !peers[slot].state.isGone, peers[slot].deadline < peers[slot].armed { arm(slot) }
    }
    reviewFrom = end
  }

  /// While there is an impediment, peers that are not heard become unknown: late by CLOCK_MONOTONIC, or not
  /// heard since it began.
  private mutating func judgeUnheard(at now: Int64) {
    guard counts.alive + counts.late > 0, let began = impediments.values.min() else { return }
    let isOld = now - began > LivenessRule.impedimentGrace
    for slot in peers.indices where peers[slot].isListed {
      let peer = peers[slot]
      guard peer.state == .alive || peer.state == .late else { continue }
      guard now - peer.lastHeard > peer.lateAfter || (isOld && peer.lastHeard <= began) else {
        continue
      }
      change(slot) { $0.becomeUnknown(at: began) }
      announce(slot)
      arm(slot)
    }
  }

  /// Decides which overdue peers are silent: at once where another peer was heard since, and otherwise unless
  /// it is the network, or doubtful whether this host receives.
  private mutating func confirmSilence(_ overdue: [Int], at now: Int64, hearsItself: Bool) {
    let listening = clock.reading(at: now)
    let (corroborated, uncorroborated) = overdue.partitioned {
      latestListening > peers[$0].lastListening + LivenessRule.corroboratedAfter * peers[$0].interval
    }
    for slot in corroborated { silence(slot) }
    guard let last = uncorroborated.max(by: { peers[$0].lastListening < peers[$1].lastListening }) else {
      return
    }
    guard hearsItself else {
      for slot in uncorroborated {
        peers[slot].armed = listening + LivenessRule.retryAfter
        verdicts.set(listening + LivenessRule.retryAfter, for: slot)
      }
      return
    }
    let silence = NetworkSilence(of: peers[last], among: peers, at: listening)
    guard silence.isEverybody else {
      for slot in uncorroborated { self.silence(slot) }
      return
    }
    let since = latestHeard
    suspend(.networkSilent, since: since)
    // Each has its whole time again when the clock goes on. The clock itself does not go back to the first
    // that stopped: that may be one that sends once a minute, and the others would have a minute more.
    for slot in silence.stopped { peers[slot].excuse(until: clock.reading(at: now)) }
    for slot in uncorroborated { arm(slot) }
    networkChanges.append(.silent(peers: silence.stopped.count, last: last, since: since))
    judgeUnheard(at: now)
  }

  private mutating func silence(_ slot: Int) {
    change(slot) { $0.becomeSilent() }
    silents.set(peers[slot].deadline, for: slot)
    eviction.note(peers[slot], slot: slot)
    announce(slot)
  }

  private mutating func change(_ slot: Int, _ body: (inout Peer) -> Void) {
    count(peers[slot].state, -1)
    body(&peers[slot])
    count(peers[slot].state, 1)
  }
}

/// The peers that stopped together with one that is overdue: distinguishes an outage of the network from a
/// failure of one peer.
private struct NetworkSilence {
  /// Slots of the peers that stopped within two intervals of the overdue one, itself included.
  private(set) var stopped: [Int] = []
  /// Peers whose next beat is not due yet.
  private(set) var undecided = 0

  /// Looks through all peers that are not silent.
  init(of overdue: Peer, among peers: [Peer], at listening: Int64) {
    for (slot, peer) in peers.enumerated() where peer.isListed && !peer.state.isGone {
      guard listening >= peer.lastListening + peer.overdueAfter else {
        undecided += 1
        continue
      }
      let distance = abs(peer.lastListening - overdue.lastListening)
      // A peer that stopped before the others is about to be silent, and tells as little as those that are
      // silent.
      if distance <= LivenessRule.togetherWithin * max(peer.interval, overdue.interval) {
        stopped.append(slot)
      }
    }
  }

  /// Whether the network is silent rather than its peers: two or more stopped, and fewer are undecided. A
  /// peer that sends once an hour must not keep an outage of twenty others from being seen.
  var isEverybody: Bool { stopped.count >= LivenessRule.fewestTogether && undecided < stopped.count }
}

extension Array {
  fileprivate func partitioned(_ isFirst: (Element) -> Bool) -> (first: [Element], second: [Element]) {
    (filter(isFirst), filter { !isFirst($0) })
  }
}
