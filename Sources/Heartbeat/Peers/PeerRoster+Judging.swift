// SPDX-License-Identifier: Apache-2.0

extension PeerRoster {
  /// Judges every peer whose deadline has come.
  mutating func judge(at now: Int64) {
    guard !isNetworkSilent else { return }
    let audible = clock.reading(at: now)
    var accused: [Int] = []
    while let (deadline, slot) = verdicts.first, deadline <= audible {
      guard peers[slot].deadline <= audible else {
        arm(slot)
        continue
      }
      if peers[slot].state == .late {
        verdicts.remove(slot)
        accused.append(slot)
      } else {
        peers[slot].becomeLate(at: now)
        counts.alive -= 1
        counts.late += 1
        arm(slot)
      }
    }
    condemn(accused, at: audible)
    while let (deadline, slot) = silents.first, deadline <= audible {
      events.append(.forgotten(slot))
      remove(slot)
    }
  }

  private mutating func condemn(_ accused: [Int], at audible: Int64) {
    // Whoever was heard after the accused had missed two beats shows that the network was well.
    let (witnessed, unwitnessed) = accused.partitioned {
      latestAudible > peers[$0].lastAudible + 2 * peers[$0].interval.interval
    }
    for slot in witnessed { silence(slot) }
    guard let last = unwitnessed.max(by: { peers[$0].lastAudible < peers[$1].lastAudible }) else { return }
    let silence = NetworkSilence(of: peers[last], among: peers, at: audible)
    guard let silence, silence.isEverybody else {
      for slot in unwitnessed { self.silence(slot) }
      return
    }
    // The clock goes back to the first one's last beat and stands: when it goes on, everybody has all the time
    // again that a peer is given.
    clock.stop(at: silence.began)
    for slot in unwitnessed { arm(slot) }
    events.append(.networkSilent(peers: silence.stopped, since: latestHeard))
  }

  private mutating func silence(_ slot: Int) {
    peers[slot].becomeSilent()
    counts.late -= 1
    counts.silent += 1
    silents.set(peers[slot].deadline, for: slot)
    events.append(.silent(slot))
  }

  mutating func endNetworkSilence(by slot: Int, at arrival: Int64) {
    clock.goOn(at: arrival)
    latestAudible = clock.reading(at: arrival)
    events.append(.networkHeard(by: slot, silentFor: max(0, arrival - latestHeard)))
  }
}

extension Array {
  fileprivate func partitioned(_ isFirst: (Element) -> Bool) -> (first: [Element], second: [Element]) {
    (filter(isFirst), filter { !isFirst($0) })
  }
}
