// SPDX-License-Identifier: Apache-2.0

extension PeerRoster {
  /// How long an impediment may last before peers that were heard until then are unknown, in nanoseconds: an
  /// interface that was set down and up again is no news.
  static let grace: Int64 = 3_000_000_000
  /// After so long a peer is judged again of which it could not be told whether we hear anybody, in
  /// nanoseconds.
  static let retryAfter: Int64 = 500_000_000

  /// Judges every peer whose deadline has come.
  ///
  /// - Parameter hearsItself: False while our own heartbeats should have come back and did not: a peer that
  ///   nobody was heard after is not overdue then.
  mutating func judge(at now: Int64, hearsItself: Bool) {
    guard impediments.isEmpty else { return judgeUnheard(at: now) }
    let listening = clock.reading(at: now)
    var overdue: [Int] = []
    while let (deadline, slot) = verdicts.first, deadline <= listening {
      guard peers[slot].deadline <= listening else {
        arm(slot)
        continue
      }
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
      // One that is waited for by name stays silent.
      if !peers[slot].isExpected { expired.append(slot) }
    }
  }

  /// While there is an impediment, who is not heard is unknown: late by CLOCK_MONOTONIC, or not heard since
  /// it began.
  private mutating func judgeUnheard(at now: Int64) {
    guard counts.alive + counts.late > 0, let began = impediments.values.min() else { return }
    let isOld = now - began > Self.grace
    for slot in peers.indices where peers[slot].isListed {
      let peer = peers[slot]
      guard peer.state == .alive || peer.state == .late else { continue }
      guard now - peer.lastHeard > peer.interval.lateAfter || (isOld && peer.lastHeard <= began) else {
        continue
      }
      change(slot) { $0.becomeUnknown(at: began) }
      announce(slot)
      arm(slot)
    }
  }

  private mutating func confirmSilence(_ overdue: [Int], at now: Int64, hearsItself: Bool) {
    let listening = clock.reading(at: now)
    // Whoever was heard after the overdue had missed two beats shows that the network was well.
    let (corroborated, uncorroborated) = overdue.partitioned {
      latestListening > peers[$0].lastListening + 2 * peers[$0].interval.interval
    }
    for slot in corroborated { silence(slot) }
    guard let last = uncorroborated.max(by: { peers[$0].lastListening < peers[$1].lastListening }) else {
      return
    }
    guard hearsItself else {
      for slot in uncorroborated {
        peers[slot].armed = listening + Self.retryAfter
        verdicts.set(listening + Self.retryAfter, for: slot)
      }
      return
    }
    let silence = NetworkSilence(of: peers[last], among: peers, at: listening)
    guard let silence, silence.isEverybody else {
      for slot in uncorroborated { self.silence(slot) }
      return
    }
    // The clock goes back to the first one's last beat and stands: when it goes on, everybody has all the
    // time again that a peer is given.
    let since = latestHeard
    for slot in uncorroborated { arm(slot) }
    suspend(.networkSilent, since: since)
    clock.stop(at: silence.began)
    events.append(.networkSilent(peers: silence.stopped, since: since))
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

extension Array {
  fileprivate func partitioned(_ isFirst: (Element) -> Bool) -> (first: [Element], second: [Element]) {
    (filter(isFirst), filter { !isFirst($0) })
  }
}
