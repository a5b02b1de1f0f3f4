// SPDX-License-Identifier: Apache-2.0

import Heartbeat

/// Hosts whose clocks were found to be off, or to be right again, until they are told.
package struct ClockNews: Equatable, Sendable {
  /// A host whose clock is off.
  package struct Off: Equatable, Sendable {
    package var host: HostName
    /// By how much it is ahead of ours, in microseconds; behind, if negative.
    package var ahead: Int64

    package init(host: HostName, ahead: Int64) {
      self.host = host
      self.ahead = ahead
    }
  }

  /// Hosts that are named; more are counted.
  private static let most = 16

  package private(set) var off: [Off] = []
  package private(set) var moreOff = 0
  package private(set) var right: [HostName] = []
  package private(set) var moreRight = 0

  /// Nothing new.
  package init() {}

  package var isEmpty: Bool { off.isEmpty && right.isEmpty }

  mutating func noteOff(_ host: HostName, ahead: Int64) {
    // It sends on several interfaces.
    if off.contains(where: { $0.host == host }) { return }
    if off.count < Self.most { off.append(Off(host: host, ahead: ahead)) } else { moreOff += 1 }
  }

  mutating func noteRight(_ host: HostName) {
    if right.contains(host) { return }
    if right.count < Self.most { right.append(host) } else { moreRight += 1 }
  }
}
