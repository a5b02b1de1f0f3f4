// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Platform

/// The peers that the configuration names (`peers.expected`) and that were never heard: unknown at first, and
/// silent when they could have been heard for ten intervals. A pure value; times are monotonic nanoseconds.
package struct ExpectedPeers: Equatable, Sendable {
  package let addresses: [IPAddress]
  /// How long they could have been heard before they are silent, in nanoseconds.
  package let patience: Int64
  /// For how long each could have been heard and was not.
  package private(set) var unheard: [IPAddress: Int64] = [:]
  private var judgedAt: Int64?
  /// Who became silent, and is not yet told of.
  private var news: [IPAddress] = []

  /// - Parameters:
  ///   - interval: of heartbeats, in nanoseconds.
  ///   - silent: who was told to be silent already, by the process before.
  package init(_ addresses: [IPAddress] = [], interval: Int64 = 1_000_000_000, silent: [IPAddress] = []) {
    self.addresses = addresses
    patience = LivenessRule.expectedIntervals * interval
    for address in addresses { unheard[address] = 0 }
    for address in silent where addresses.contains(address) { unheard[address] = patience }
  }

  /// - Parameters:
  ///   - canHear: whether there is an interface on which they could be heard.
  ///   - isKnown: whether there is such a peer.
  package mutating func judge(at now: Int64, canHear: Bool, isKnown: (IPAddress) -> Bool) {
    let step = canHear ? min(now - (judgedAt ?? now), LivenessRule.longestStep) : 0
    judgedAt = now
    for address in addresses {
      guard !isKnown(address) else {
        unheard[address] = nil
        continue
      }
      let before = unheard[address] ?? 0
      unheard[address] = min(before + max(0, step), patience)
      if before < patience, before + step >= patience { news.append(address) }
    }
  }

  /// Who became silent since the last call.
  mutating func takeNews() -> [IPAddress] {
    defer { news = [] }
    return news
  }

  package func state(of address: IPAddress) -> PeerState? {
    unheard[address].map { $0 >= patience ? .silent : .unknown }
  }

  package var silent: [IPAddress] { unheard.filter { $0.value >= patience }.map(\.key) }

  /// The same list goes on where it was.
  package func replaced(by addresses: [IPAddress], interval: Int64) -> ExpectedPeers {
    ExpectedPeers(addresses, interval: interval, silent: silent)
  }

  package var counts: PeerCounts {
    let silent = silent.count
    return PeerCounts(silent: silent, unknown: unheard.count - silent)
  }
}
