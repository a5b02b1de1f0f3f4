// SPDX-License-Identifier: Apache-2.0

import Liveness
import Platform
import Settings

/// The reply to `GetStatus`, and what `mcastd status --json` prints.
package struct StatusReply: Codable, Sendable, Equatable {
  /// A setting in force.
  package struct Setting: Codable, Sendable, Equatable {
    package var value: String
    /// Where it comes from, in words.
    package var origin: String
    /// `default`, `file`, `environment` or `command-line`.
    package var source: String

    package init(value: String, origin: String, source: String) {
      self.value = value
      self.origin = origin
      self.source = source
    }
  }

  /// The group joined on an interface.
  package struct Membership: Codable, Sendable, Equatable {
    package var group: String
    package var port: Int
    package var interface: String
    package var interfaceIndex: Int
    /// The sources accepted; none for any.
    package var sources: [String]

    package init(group: String, port: Int, interface: String, interfaceIndex: Int, sources: [String]) {
      self.group = group
      self.port = port
      self.interface = interface
      self.interfaceIndex = interfaceIndex
      self.sources = sources
    }
  }

  /// How many peers are in each state.
  package struct Peers: Codable, Sendable, Equatable {
    package var alive: Int
    package var late: Int
    package var silent: Int
    package var left: Int
    package var unknown: Int

    package init(alive: Int, late: Int, silent: Int, left: Int, unknown: Int) {
      self.alive = alive
      self.late = late
      self.silent = silent
      self.left = left
      self.unknown = unknown
    }
  }

  package var version: String
  /// Microseconds since the epoch.
  package var startedUsec: Int64
  /// Microseconds since the start, by CLOCK_MONOTONIC.
  package var uptimeUsec: Int64
  /// The line that systemd shows (STATUS=, sd_notify(3)).
  package var status: String
  /// The ledger: received = logged + summarised + queued.
  package var received: UInt64
  package var logged: UInt64
  package var summarised: UInt64
  package var queued: UInt64
  package var kernelDropped: UInt64
  package var truncated: UInt64
  package var foreign: UInt64
  package var unauthenticated: UInt64
  package var replayed: UInt64
  package var sent: UInt64
  package var sendFailed: UInt64
  package var peers: Peers
  package var conditions: [ConditionReply]
  /// Names of the interfaces that heartbeats are sent on.
  package var sendingOn: [String]
  package var memberships: [Membership]
  /// Interfaces that the configuration names and that do not exist or cannot be used now, with the reason:
  /// `eth0`, `eth0 (it is down)`.
  package var waitingFor: [String]
  /// Path of the configuration file, whether it exists or not.
  package var config: String
  /// Every setting in force, by its key.
  package var settings: [String: Setting]
  /// The keys in force as `ID ALGORITHM (seals)`, in the order of their file.
  package var keys: [String]

  package init(
    version: String, startedUsec: Int64, uptimeUsec: Int64, status: String, received: UInt64, logged: UInt64,
    summarised: UInt64, queued: UInt64, kernelDropped: UInt64, truncated: UInt64, foreign: UInt64,
    unauthenticated: UInt64, replayed: UInt64, sent: UInt64, sendFailed: UInt64, peers: Peers,
    conditions: [ConditionReply], sendingOn: [String],
    memberships: [Membership], waitingFor: [String], config: String, settings: [String: Setting],
    keys: [String]
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
    self.unauthenticated = unauthenticated
    self.replayed = replayed
    self.sent = sent
    self.sendFailed = sendFailed
    self.peers = peers
    self.conditions = conditions
    self.sendingOn = sendingOn
    self.memberships = memberships
    self.waitingFor = waitingFor
    self.config = config
    self.settings = settings
    self.keys = keys
  }
}

/// What keeps the daemon from hearing, judging or sending, on one interface.
package struct ConditionReply: Codable, Sendable, Equatable {
  /// A raw value of `Condition.Kind`.
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

extension StatusReply {
  /// A line for each fact, for people.
  package func text() -> ConsoleText {
    var rows: [(String, String)] = [
      ("status", status), ("version", version), ("running for", DurationText.words(microseconds: uptimeUsec)),
      ("received", "\(received) = \(logged) logged + \(summarised) summarised + \(queued) queued"),
      ("kernel dropped", "\(kernelDropped)"), ("truncated", "\(truncated)"), ("foreign", "\(foreign)"),
      ("unauthenticated", "\(unauthenticated)"), ("replayed", "\(replayed)"),
      ("sent", "\(sent)"), ("send failed", "\(sendFailed)"),
    ]
    for membership in memberships {
      let from = membership.sources.isEmpty ? "" : " from \(membership.sources.joined(separator: ", "))"
      let group =
        IPAddress(membership.group).map { "\(Endpoint($0, port: UInt16(clamping: membership.port)))" }
        ?? "\(membership.group):\(membership.port)"
      rows.append(("member of", "\(group) on \(membership.interface)\(from)"))
    }
    rows.append(
      (
        "peers",
        "\(peers.alive) alive, \(peers.late) late, \(peers.silent) silent, \(peers.left) left, "
          + "\(peers.unknown) unknown"
      ))
    let now = Clocks.realtime() / 1000
    for condition in conditions {
      let kind = Condition.Kind(rawValue: condition.condition)
      let text = kind?.text(on: [condition.interface]) ?? "\(condition.condition) on \(condition.interface)"
      let age = DurationText.words(microseconds: now - max(0, condition.sinceUsec))
      rows.append(("condition", "\(text) (for \(age))"))
    }
    rows += sendingOn.map { ("sending on", $0) }
    rows += waitingFor.map { ("waiting for", $0) }
    rows += keys.map { ("key", $0) }
    let named = Key.allCases.compactMap { key in settings[key.name].map { (key.name, $0) } }
    rows += named.filter { $0.1.source != Origin.Kind.default.rawValue }
      .map { ($0.0, "\($0.1.value)  (\($0.1.origin))") }
    let lines = rows.map { (name: "\($0)" as ConsoleText, value: $1) }
    let width = lines.map(\.name.width).max() ?? 0
    return lines.reduce(into: "") { $0 += "\($1.name.rightAligned(to: width)): \($1.value)\n" }
  }
}
