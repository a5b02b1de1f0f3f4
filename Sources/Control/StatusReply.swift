// SPDX-License-Identifier: Apache-2.0

/// What `GetStatus` answers and `status --json` prints.
package struct StatusReply: Codable, Sendable, Equatable {
  package struct Setting: Codable, Sendable, Equatable {
    package var value: String
    /// In words.
    package var origin: String
    /// `default`, `file`, `environment` or `command-line`.
    package var source: String

    package init(value: String, origin: String, source: String) {
      self.value = value
      self.origin = origin
      self.source = source
    }
  }

  package struct Membership: Codable, Sendable, Equatable {
    package var group: String
    package var port: Int
    package var interface: String
    package var interfaceIndex: Int
    package var sources: [String]

    package init(group: String, port: Int, interface: String, interfaceIndex: Int, sources: [String]) {
      self.group = group
      self.port = port
      self.interface = interface
      self.interfaceIndex = interfaceIndex
      self.sources = sources
    }
  }

  /// Peers by state; those that are late, too.
  package struct Peers: Codable, Sendable, Equatable {
    package var alive: Int
    package var late: Int
    package var silent: Int
    package var unknown: Int

    package init(alive: Int, late: Int, silent: Int, unknown: Int) {
      self.alive = alive
      self.late = late
      self.silent = silent
      self.unknown = unknown
    }
  }

  package var version: String
  /// Microseconds since the epoch.
  package var startedUsec: Int64
  /// Since the start, whatever the wall clock did meanwhile.
  package var uptimeUsec: Int64
  /// As in STATUS=.
  package var status: String
  package var received: UInt64
  package var logged: UInt64
  package var summarised: UInt64
  package var queued: UInt64
  package var kernelDropped: UInt64
  package var truncated: UInt64
  package var foreign: UInt64
  package var sent: UInt64
  package var sendFailed: UInt64
  package var peers: Peers
  package var conditions: [ConditionReply]
  /// Interfaces that heartbeats leave from.
  package var sendingOn: [String]
  package var memberships: [Membership]
  /// What the configuration names and is not there.
  package var waitingFor: [String]
  /// The configuration file, whether it is there or not.
  package var config: String
  /// Every setting in force, by its key.
  package var settings: [String: Setting]

  package init(
    version: String, startedUsec: Int64, uptimeUsec: Int64, status: String, received: UInt64, logged: UInt64,
    summarised: UInt64, queued: UInt64, kernelDropped: UInt64, truncated: UInt64, foreign: UInt64,
    sent: UInt64, sendFailed: UInt64, peers: Peers, conditions: [ConditionReply], sendingOn: [String],
    memberships: [Membership], waitingFor: [String], config: String, settings: [String: Setting]
  ) {
    self.version = version
    self.startedUsec = startedUsec
    self.uptimeUsec = uptimeUsec
    self.status = status
    self.received = received
    self.logged = logged
    self.summarised = summarised
    self.queued = queued
    self.kernelDropped = kernelDropped
    self.truncated = truncated
    self.foreign = foreign
    self.sent = sent
    self.sendFailed = sendFailed
    self.peers = peers
    self.conditions = conditions
    self.sendingOn = sendingOn
    self.memberships = memberships
    self.waitingFor = waitingFor
    self.config = config
    self.settings = settings
  }
}

/// What keeps the daemon from hearing, judging or sending.
package struct ConditionReply: Codable, Sendable, Equatable {
  /// `network-silent`, `own-beats-not-heard`, `cannot-send`, `verdicts-suspended`, `no-carrier` or
  /// `interface-gone`.
  package var condition: String
  package var interface: String
  /// Microseconds since the epoch.
  package var sinceUsec: Int64

  package init(condition: String, interface: String, sinceUsec: Int64) {
    self.condition = condition
    self.interface = interface
    self.sinceUsec = sinceUsec
  }
}
