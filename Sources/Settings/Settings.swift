// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Liveness
import Platform

/// The configuration: read from all sources at once and validated as a whole. A reload makes another value.
package struct Settings: Sendable, Equatable {
  /// What this host calls itself in its heartbeats.
  package let name: HostNameChoice
  package let publish: Direction
  /// Whether the group is told when sending ends on purpose.
  package let saysGoodbye: Bool
  package let subscribe: Direction
  /// The only sources to accept, of the family of `subscribe.group`; empty for any.
  package let sources: [IPAddress]
  /// Time from one heartbeat to the next: 10 ms to 1 h.
  package let interval: Duration
  /// Time to live or hop limit of heartbeats: 0 to 255.
  package let ttl: UInt8
  /// Whether this host hears its own heartbeats.
  package let loopback: Bool
  /// Zone of the time in heartbeats, both written and read.
  package let timestamp: TimestampZone
  /// Wanted SO_RCVBUF, 4 KiB to 1 GiB, in bytes; the kernel may grant less (socket(7)).
  package let receiveBuffer: Int
  package let authentication: Authentication
  package let readings: Readings
  /// Where the rules are: an absolute path.
  package let rulesDirectory: String
  /// How often the file of metrics is written, 1 s to 1 h; 0 for no file.
  package let metricsInterval: Duration
  package let log: Log
  /// Peers to remember: 16 to 1,000,000.
  package let peersMax: Int
  /// Peers that must be there, addresses of the family of `subscribe.group` or names; at most 1000.
  package let peersExpected: [PeerSubject]
  /// How often any of all peers may be called silent in error, at the loss that is measured.
  package let falseAlarms: FalseAlarmRate
  /// Every setting in force and where it comes from, in the order of ``Key``.
  package let effective: [EffectiveValue]
  /// Unknown and misplaced names.
  package let warnings: [SettingsWarning]
}

extension Settings {
  /// - Throws: `SettingsError` where a property and the row of its key differ in type, which the first load
  ///   shows.
  init(from reader: SettingsReader, warnings: [SettingsWarning]) throws(SettingsError) {
    name = try reader.value(.name)
    saysGoodbye = try reader.value(.publishGoodbye)
    publish = Direction(
      enabled: try reader.value(.publishEnabled), group: try reader.value(.publishGroup),
      port: try reader.value(.publishPort), interfaces: try reader.value(.publishInterface))
    subscribe = Direction(
      enabled: try reader.value(.subscribeEnabled), group: try reader.value(.subscribeGroup),
      port: try reader.value(.subscribePort), interfaces: try reader.value(.subscribeInterface))
    sources = try reader.value(.source)
    interval = try reader.value(.interval)
    ttl = try reader.value(.ttl)
    loopback = try reader.value(.loopback)
    timestamp = try reader.value(.timestamp)
    receiveBuffer = try reader.value(.receiveBuffer)
    authentication = Authentication(mode: try reader.value(.authMode), keys: try reader.value(.authKeys))
    log = Log(
      rate: try reader.value(.logRate), burst: try reader.value(.logBurst), own: try reader.value(.logOwn),
      heartbeats: try reader.value(.logHeartbeats), queue: try reader.value(.logQueue),
      level: try reader.value(.logLevel))
    peersMax = try reader.value(.peersMax)
    peersExpected = try reader.value(.peersExpected)
    readings = Readings(
      directory: try reader.value(.readingsDirectory), expire: try reader.value(.readingsExpire))
    rulesDirectory = try reader.value(.rulesDirectory)
    metricsInterval = try reader.value(.metricsInterval)
    falseAlarms = try reader.value(.peersFalseAlarms)
    effective = reader.effective
    self.warnings = warnings
  }
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

  /// Whether heartbeats are authenticated, and where the keys are.
  package struct Authentication: Sendable, Equatable {
    package var mode: AuthenticationMode
    /// An absolute path; empty for the credential of the service.
    package var keys: String

    /// Whether the keys are wanted, and are the credential of a service that this process is not.
    package var isCredential: Bool { mode != .off && keys.isEmpty && KeyCredential.path() == nil }

    package init(mode: AuthenticationMode, keys: String) {
      self.mode = mode
      self.keys = keys
    }
  }

  /// Which files this host's readings are in.
  package struct Readings: Sendable, Equatable {
    /// An absolute path.
    package var directory: String
    /// Age from which a file counts as unknown: 1 s to a year.
    package var expire: Duration

    package init(directory: String, expire: Duration) {
      self.directory = directory
      self.expire = expire
    }
  }

  /// Which received datagrams get entries in the journal, and the level of the daemon's own messages.
  package struct Log: Sendable, Equatable {
    /// Entries a second, 0 to 1,000,000; 0 for no budget.
    package var rate: Int
    /// Entries in a burst, 0 to 1,000,000; 0 for no budget.
    package var burst: Int
    /// Whether our own heartbeats, heard back, get entries.
    package var own: Bool
    /// Which heartbeats get entries at all.
    package var heartbeats: Heartbeats
    /// Bytes of entries that may wait for journald: 64 KiB to 1 GiB.
    package var queue: Int
    package var level: LogLevel

    package init(
      rate: Int, burst: Int, own: Bool, heartbeats: Heartbeats, queue: Int, level: LogLevel
    ) {
      self.rate = rate
      self.burst = burst
      self.own = own
      self.heartbeats = heartbeats
      self.queue = queue
      self.level = level
    }

    /// Whether there is a budget; without one every datagram has an entry.
    package var hasBudget: Bool { rate > 0 && burst > 0 }
  }

  /// Which heartbeats get entries. Datagrams that are no heartbeats are not concerned.
  package enum Heartbeats: String, Sendable, CaseIterable {
    case yes
    /// Only our own, if `Log.own` is set.
    case own
    case no
  }

  /// The least severe messages that are logged.
  package enum LogLevel: String, Sendable, CaseIterable {
    case error
    case warning
    case notice
    case info
    case debug
  }
}
