// SPDX-License-Identifier: Apache-2.0

import Platform

/// What the daemon was told to do: read once from all sources, validated as a whole, and never changed. A
/// reload makes another.
package struct Settings: Sendable, Equatable {
  package var publish: Direction
  package var subscribe: Direction
  /// The only sources to accept, of the family of `subscribe.group`; empty for any.
  package var sources: [IPAddress]
  /// From one heartbeat to the next: 10 ms to 1 h.
  package var interval: Duration
  /// Time to live or hop limit of heartbeats.
  package var ttl: UInt8
  /// Whether this host hears its own heartbeats.
  package var loopback: Bool
  package var timestamp: Timestamp
  /// Wanted SO_RCVBUF, in bytes; the kernel may give less (socket(7)).
  package var receiveBuffer: Int
  package var log: Log
  /// Peers to remember: 16 to 1,000,000.
  package var peersMax: Int
  /// Peers that must be there, of the family of `subscribe.group`; at most 1000.
  package var peersExpected: [IPAddress]
  /// Every setting as it holds and where it comes from, in the order of ``Key``.
  package let effective: [EffectiveValue]
  /// What was found and not understood.
  package let warnings: [SettingsWarning]
}

extension Settings {
  /// Sending or receiving.
  package struct Direction: Sendable, Equatable {
    package var enabled: Bool
    package var group: IPAddress
    package var port: UInt16
    package var interfaces: InterfaceChoice

    package init(enabled: Bool, group: IPAddress, port: UInt16, interfaces: InterfaceChoice) {
      self.enabled = enabled
      self.group = group
      self.port = port
      self.interfaces = interfaces
    }

    /// Group and port.
    package var endpoint: Endpoint { Endpoint(group, port: port) }
  }

  /// The zone of the time in heartbeats.
  package enum Timestamp: String, Sendable, CaseIterable {
    case local
    case utc
  }

  /// What is written to the journal about received datagrams, and how much.
  package struct Log: Sendable, Equatable {
    /// Entries a second; 0 for no budget.
    package var rate: Int
    /// Entries at once; 0 for no budget.
    package var burst: Int
    /// Whether our own heartbeats, heard back, get entries.
    package var own: Bool
    /// Which heartbeats get entries at all.
    package var heartbeats: Heartbeats
    /// Bytes of entries that may wait for journald.
    package var queue: Int
    package var level: LogLevel

    package init(
      rate: Int, burst: Int, own: Bool, heartbeats: Heartbeats = .yes, queue: Int, level: LogLevel
    ) {
      self.rate = rate
      self.burst = burst
      self.own = own
      self.heartbeats = heartbeats
      self.queue = queue
      self.level = level
    }

    /// Whether there is a budget at all; without one every datagram has an entry.
    package var hasBudget: Bool { rate > 0 && burst > 0 }
  }

  /// Which heartbeats get entries of their own. Datagrams that are none always may.
  package enum Heartbeats: String, Sendable, CaseIterable {
    case yes
    /// Our own, as far as `Log.own` lets them.
    case own
    case no
  }

  /// The least important of the daemon's own messages that is logged.
  package enum LogLevel: String, Sendable, CaseIterable {
    case error
    case warning
    case notice
    case info
    case debug

    /// As in syslog(3): 3 to 7.
    package var priority: Int {
      switch self {
      case .error: 3
      case .warning: 4
      case .notice: 5
      case .info: 6
      case .debug: 7
      }
    }
  }
}
