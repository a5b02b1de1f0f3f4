// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Platform

/// Which authentic heartbeats were accepted of each host, on each interface: bounded, and kept over a
/// restart.
///
/// Only who has a key gets a place here.
package struct AcceptedHeartbeats: Sendable {
  /// What is known of a host.
  struct Host: Equatable, Sendable {
    var window = ReplayWindow()
    /// When its last heartbeat was accepted, in nanoseconds of CLOCK_MONOTONIC.
    var last: Int64
    /// Whether later ones may have been accepted than the window knows: it was stored before the process
    /// ended.
    var isBehind = false
    /// Whether its clock was found to be off.
    var isClockOff = false
  }

  /// From one search for the host to be forgotten to the next, in nanoseconds: it looks at all of them.
  private static let leastPause: Int64 = 1_000_000_000

  /// After which time without an accepted heartbeat a host is lost, in nanoseconds, and in its intervals.
  private static let leastLost: Int64 = 60_000_000_000
  private static let lostIntervals: Int64 = 15
  /// In nanoseconds.
  private static let heardFor: Int64 = 5_000_000_000

  private var hosts: [PeerID: Host] = [:]
  /// Hosts that are remembered at most.
  package private(set) var capacity: Int
  private var lastSearch: Int64 = .min

  /// Nothing was accepted.
  package init(capacity: Int) { self.capacity = max(1, capacity) }

  /// Hosts that are remembered.
  package var count: Int { hosts.count }

  /// Changes how many are remembered at most; those that are there stay.
  package mutating func resize(_ capacity: Int) { self.capacity = max(1, capacity) }

  /// What a heartbeat of a host is to those that were accepted.
  ///
  /// `newRun` also where the window may be behind, and where nothing was accepted for so long that the host
  /// is silent by any rule: what it sent meanwhile may have been recorded, and a later number says no more
  /// than a later run.
  func verdict(of peer: PeerID, _ said: Announcement, now: Int64) -> ReplayWindow.Verdict {
    guard let host = hosts[peer] else { return .newRun }
    let verdict = host.window.verdict(run: said.run, seq: said.sequence)
    return verdict == .next && (host.isBehind || isLost(host, every: said.every, now: now))
      ? .newRun : verdict
  }

  /// Whether a heartbeat was sent before one of the same run that was accepted.
  func isBehind(_ peer: PeerID, _ said: Announcement) -> Bool {
    hosts[peer].map { $0.window.run == said.run && said.sequence < $0.window.highest } ?? false
  }

  /// The run of a host that is accepted; 0 for none.
  func run(of peer: PeerID) -> UInt64 { hosts[peer]?.window.run ?? 0 }

  /// Whether the host was not heard for a minute, or 15 intervals where that is longer.
  private func isLost(_ host: Host, every: Int64, now: Int64) -> Bool {
    now - host.last > max(Self.leastLost, Self.lostIntervals * every)
  }

  /// Notes a heartbeat that is accepted.
  ///
  /// - Returns: False where there is no room for another host.
  mutating func accept(_ peer: PeerID, _ said: Announcement, now: Int64) -> Bool {
    guard makeRoom(for: peer, now: now) else { return false }
    var host = hosts[peer] ?? Host(last: now)
    // Of a first contact as well: what it sent before may have been recorded, or accepted by a process that
    // left nothing.
    if host.window.highest == 0 || host.isBehind || isLost(host, every: said.every, now: now) {
      host.window.restart(run: said.run, seq: said.sequence)
    } else {
      host.window.accept(run: said.run, seq: said.sequence)
    }
    (host.last, host.isBehind) = (now, false)
    hosts[peer] = host
    return true
  }

  /// Whether a heartbeat of the host was accepted a moment ago: what is not of now is not of a host whose
  /// clock is off.
  func isHeard(_ peer: PeerID, now: Int64) -> Bool {
    hosts[peer].map { $0.window.highest > 0 && now - $0.last < Self.heardFor } ?? false
  }

  func isClockOff(of peer: PeerID) -> Bool { hosts[peer]?.isClockOff == true }

  /// Notes whether a host's clock is off.
  ///
  /// - Returns: Whether that is new.
  mutating func setClockOff(_ isOff: Bool, of peer: PeerID, now: Int64) -> Bool {
    guard isClockOff(of: peer) != isOff, makeRoom(for: peer, now: now) else { return false }
    hosts[peer, default: Host(last: now)].isClockOff = isOff
    return true
  }

  /// Forgets the host that was not heard for longest, where there are too many.
  private mutating func makeRoom(for peer: PeerID, now: Int64) -> Bool {
    guard hosts[peer] == nil, hosts.count >= capacity else { return true }
    guard lastSearch == .min || now - lastSearch >= Self.leastPause else { return false }
    lastSearch = now
    guard let oldest = hosts.min(by: { $0.value.last < $1.value.last }) else { return true }
    hosts[oldest.key] = nil
    return true
  }
}

// MARK: Over a restart

extension AcceptedHeartbeats {
  /// A host as it is stored.
  package struct Stored: Equatable, Sendable {
    package var peer: PeerID
    package var window: ReplayWindow

    package init(peer: PeerID, window: ReplayWindow) {
      self.peer = peer
      self.window = window
    }
  }

  /// What is to be stored.
  package var stored: [Stored] { hosts.map { Stored(peer: $0.key, window: $0.value.window) } }

  /// What was stored, as far as there is room for it.
  ///
  /// - Parameters:
  ///   - isExact: Whether nothing was accepted or missed since.
  ///   - now: CLOCK_MONOTONIC in nanoseconds.
  package init(_ stored: [Stored], capacity: Int, isExact: Bool, now: Int64) {
    self.init(capacity: capacity)
    for one in stored.prefix(self.capacity) where one.window.highest > 0 {
      hosts[one.peer] = Host(window: one.window, last: now, isBehind: !isExact)
    }
  }
}
