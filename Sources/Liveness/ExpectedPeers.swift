// SPDX-License-Identifier: Apache-2.0

import Platform

/// The peers that the configuration names (`peers.expected`) and that were never heard: unknown at first, and
/// silent when they could have been received for ten intervals. A pure value; times are in nanoseconds of
/// CLOCK_MONOTONIC.
package struct ExpectedPeers: Equatable, Sendable {
  /// `peers.expected`, whether heard or not.
  package let addresses: [IPAddress]
  /// How long they could have been received before they are silent, in nanoseconds.
  package let patience: Int64
  /// For how long each of those never heard could have been received, in nanoseconds.
  private(set) var unheard: [IPAddress: Int64] = [:]
  private var judgedAt: Int64?
  /// The state of each at the last `takeChanges`.
  private var told: [IPAddress: PeerState] = [:]

  /// Peers that are expected from now on.
  ///
  /// - Parameters:
  ///   - interval: Of our own heartbeats, in nanoseconds.
  ///   - silent: Those that the previous process reported as silent.
  package init(_ addresses: [IPAddress] = [], interval: Int64 = 1_000_000_000, silent: [IPAddress] = []) {
    self.addresses = addresses
    patience = LivenessRule.expectedIntervals * interval
    for address in addresses { unheard[address] = 0 }
    for address in silent where addresses.contains(address) { unheard[address] = patience }
    told = states
  }

  private var states: [IPAddress: PeerState] { unheard.mapValues { $0 >= patience ? .silent : .unknown } }

  /// Counts the time since the last call.
  ///
  /// - Parameters:
  ///   - now: Nanoseconds of CLOCK_MONOTONIC.
  ///   - canHear: Whether there is an interface on which they could be received.
  ///   - isKnown: Whether there is such a peer.
  mutating func judge(at now: Int64, canHear: Bool, isKnown: (IPAddress) -> Bool) {
    let step = canHear ? max(0, min(now - (judgedAt ?? now), LivenessRule.longestStep)) : 0
    judgedAt = now
    for address in addresses {
      guard !isKnown(address) else {
        unheard[address] = nil
        continue
      }
      let before = unheard[address] ?? 0
      unheard[address] = min(before + step, patience)
    }
  }

  /// Those whose `state(of:)` changed since the last call, with the state: first those that are expected no
  /// longer, then in the order of `addresses`.
  mutating func takeChanges() -> [(address: IPAddress, state: PeerState?)] {
    let states = states
    guard states != told else { return [] }
    defer { told = states }
    let former = told.keys.filter { !addresses.contains($0) }.sorted { "\($0)" < "\($1)" }
    return (former + addresses).filter { states[$0] != told[$0] }.map { ($0, states[$0]) }
  }

  /// `unknown` or `silent`; nil for one that was heard or is not expected.
  package func state(of address: IPAddress) -> PeerState? {
    unheard[address].map { $0 >= patience ? .silent : .unknown }
  }

  /// Those that are silent without ever having been heard, in no order.
  package var silent: [IPAddress] { unheard.filter { $0.value >= patience }.map(\.key) }

  /// Another list; those that were silent already stay so.
  func replaced(by addresses: [IPAddress], interval: Int64) -> ExpectedPeers {
    var new = ExpectedPeers(addresses, interval: interval, silent: silent)
    new.told = told
    return new
  }

  /// How many were never heard, by their state.
  var counts: PeerCounts {
    let silent = silent.count
    return PeerCounts(silent: silent, unknown: unheard.count - silent)
  }
}
