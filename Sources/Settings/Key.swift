// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Platform

/// Everything that can be configured, in the order in which it is shown to people.
///
/// The raw value is the name in a configuration file; the environment variable and the option follow from it.
package enum Key: String, CaseIterable, Hashable, Sendable {
  case group
  case port
  case interface
  case source
  case name
  case publishEnabled = "publish.enabled"
  case publishGroup = "publish.group"
  case publishPort = "publish.port"
  case publishInterface = "publish.interface"
  case publishGoodbye = "publish.goodbye"
  case subscribeEnabled = "subscribe.enabled"
  case subscribeGroup = "subscribe.group"
  case subscribePort = "subscribe.port"
  case subscribeInterface = "subscribe.interface"
  case interval
  case ttl
  case loopback
  case timestamp
  case receiveBuffer = "receive-buffer"
  case authMode = "auth.mode"
  case authKeys = "auth.keys"
  case readingsDirectory = "readings.directory"
  case readingsExpire = "readings.expire"
  case rulesDirectory = "rules.directory"
  case logRate = "log.rate"
  case logBurst = "log.burst"
  case logOwn = "log.own"
  case logHeartbeats = "log.heartbeats"
  case logQueue = "log.queue"
  case logLevel = "log.level"
  case peersMax = "peers.max"
  case peersExpected = "peers.expected"
  case peersFalseAlarms = "peers.false-alarms"
  case metricsInterval = "metrics.interval"
}

extension Key {
  /// The table of settings: format and range, default, what a reload does, help.
  ///
  /// A switch without a default, and a row without an optional part: a key that lacks any of it does not
  /// compile.
  var row: Row {
    switch self {
    case .group:
      Row(.group, default: "239.1.1.1", reload: .none, help: "Multicast group to publish and subscribe to")
    case .port:
      Row(.port, default: "5001", reload: .none, help: "UDP port")
    case .interface:
      Row(
        .interfaces, default: "auto", reload: .none,
        help: "Interfaces to send and receive on; auto follows the route to the group")
    case .source:
      Row(
        .sources, default: "any", reload: .sources,
        help: "Sources to accept (source-specific multicast)")
    case .name:
      Row(
        .hostName, default: "", reload: .identity,
        help: "Name of this host in its heartbeats; auto takes the host name, empty sends plain ones")
    case .publishEnabled:
      Row(.yesNo, default: "yes", reload: .publishing, help: "Send heartbeats")
    case .publishGroup:
      Row(.group, inherits: .group, reload: .senders, help: "Group to send to, in place of group")
    case .publishPort:
      Row(.port, inherits: .port, reload: .senders, help: "Port to send to, in place of port")
    case .publishInterface:
      Row(
        .interfaces, inherits: .interface, reload: .interfaces,
        help: "Interfaces to send on, in place of interface")
    case .publishGoodbye:
      Row(
        .yesNo, default: "yes", reload: .identity,
        help: "Tell the group when this host stops sending on purpose")
    case .subscribeEnabled:
      Row(.yesNo, default: "yes", reload: .receiver, help: "Receive and log datagrams")
    case .subscribeGroup:
      Row(.group, inherits: .group, reload: .receiver, help: "Group to receive, in place of group")
    case .subscribePort:
      Row(.port, inherits: .port, reload: .receiver, help: "Port to receive on, in place of port")
    case .subscribeInterface:
      Row(
        .interfaces, inherits: .interface, reload: .interfaces,
        help: "Interfaces to receive on, in place of interface")
    case .interval:
      Row(
        .interval(HeartbeatInterval.range), default: "1s", reload: .interval,
        help: "Time from one heartbeat to the next")
    case .ttl:
      Row(
        .integer(as: UInt8.self, 0...255), default: "1", reload: .sendOptions,
        help: "Time to live, or IPv6 hop limit, of heartbeats: 0 stays on this host, 1 on the link")
    case .loopback:
      Row(.yesNo, default: "yes", reload: .sendOptions, help: "Let this host hear its own heartbeats")
    case .timestamp:
      Row(
        .choice(of: TimestampZone.self), default: "local", reload: .zone,
        help: "Zone of the time in heartbeats")
    case .receiveBuffer:
      // Bytes. Below 4 KiB a full-size datagram could not be queued; socket(7) counts in int.
      Row(
        .bytes(4_096...1_073_741_824), default: "4MiB", reload: .receiveBuffer,
        help: "Kernel buffer of the receiving socket")
    case .authMode:
      Row(
        .choice(of: AuthenticationMode.self), default: "off", reload: .authentication,
        help:
          "Prove who sends: sign seals our own heartbeats, require lets only authentic ones count"
      )
    case .authKeys:
      Row(
        .keyFile, default: "", reload: .authentication,
        help: "File of keys; empty takes the credential mcastd.keys of the service")
    case .readingsDirectory:
      Row(
        .directory, default: "/etc/mcastd/readings.d", reload: .readings,
        help: "Directory of files and links, named by key, whose contents this host says")
    case .readingsExpire:
      // Up to a year, for what is written once.
      Row(
        .interval(1_000_000_000...31_536_000_000_000_000), default: "30s", reload: .readings,
        help: "Age from which a file of readings.directory counts as unknown; not of sysfs and proc")
    case .rulesDirectory:
      Row(
        .directory, default: "/etc/mcastd/rules.d", reload: .rules,
        help: "Directory of rules, NAME.rule, by which states are entered and left")
    case .logRate:
      Row(
        .integer(0...1_000_000, zero: "no budget"), default: "100", reload: .datagramLog,
        help: "Journal entries a second for received datagrams; 0 logs every one")
    case .logBurst:
      Row(
        .integer(0...1_000_000, zero: "no budget"), default: "1000", reload: .datagramLog,
        help: "Entries that may be written at once before log.rate limits them; 0 logs every one")
    case .logOwn:
      Row(
        .yesNo, default: "yes", reload: .datagramLog,
        help: "Log our own heartbeats heard back (about 78 MB of journal a day)")
    case .logHeartbeats:
      Row(
        .heartbeats, default: "yes", reload: .datagramLog,
        help: "Log the heartbeats that are received: all, only our own, or none")
    case .logQueue:
      // Bytes. One datagram of 65,535 bytes must fit.
      Row(
        .bytes(65_536...1_073_741_824), default: "32MiB", reload: .datagramLog,
        help: "Memory for entries that wait for journald")
    case .logLevel:
      Row(
        .choice(of: Settings.LogLevel.self), default: "info", reload: .logLevel,
        help: "Least severe messages to log; received datagrams are info")
    case .peersMax:
      Row(
        .integer(as: Int.self, 16...1_000_000), default: "4096", reload: .peers,
        help: "Peers to watch at most")
    case .peersExpected:
      Row(
        .peers(0...1000), default: "none", reload: .peers,
        help: "Peers that must be there: never evicted, and silent when they are not heard from the start")
    case .peersFalseAlarms:
      Row(
        .falseAlarmRate, default: "1/y", reload: .peers,
        help: "How often any peer of the whole group may be called silent in error: N/h, N/d or N/y")
    case .metricsInterval:
      Row(
        .interval(1_000_000_000...3_600_000_000_000, zero: "no file"), default: "0", reload: .metrics,
        help: "How often metrics.prom is written for Prometheus, in the runtime directory")
    }
  }

  /// What is known of a key, for the parser, the command line, errors and the manual. The type of its value
  /// is erased; ``SettingsReader`` checks it against that of the property which reads the key.
  struct Row: Sendable {
    /// What holds when nothing is set; nil for a key that inherits.
    let defaultText: String?
    let inherits: Key?
    let accepted: String
    let choices: [String]
    let reload: ReloadEffect
    let help: String
    /// The value of a text and its normal form; nil where the text is not accepted. Gets text without blanks
    /// around it.
    let parse: @Sendable (String) -> (value: any Sendable, text: String)?

    /// - Parameters:
    ///   - default: as a person would write it, in its normal form.
    ///   - help: one line without a full stop.
    init<Value>(_ format: ValueFormat<Value>, default text: String, reload: ReloadEffect, help: String) {
      self.init(format, text, nil, reload, help)
    }

    /// - Parameter inherits: the key whose value holds where this one is not set anywhere.
    init<Value>(_ format: ValueFormat<Value>, inherits: Key, reload: ReloadEffect, help: String) {
      self.init(format, nil, inherits, reload, help)
    }

    private init<Value>(
      _ format: ValueFormat<Value>, _ defaultText: String?, _ inherits: Key?, _ reload: ReloadEffect,
      _ help: String
    ) {
      (self.defaultText, self.inherits, self.reload, self.help) = (defaultText, inherits, reload, help)
      (accepted, choices) = (format.accepted, format.choices)
      parse = { text in format.parse(text).map { ($0, format.text($0)) } }
    }
  }
}

extension Key {
  /// Prefix of every environment variable of mcastd.
  static let environmentPrefix = "MCASTD_"

  /// The name in a file: `publish.group`.
  package var name: String { rawValue }

  /// The environment variable: `MCASTD_PUBLISH_GROUP`.
  package var environmentName: String {
    Key.environmentPrefix + rawValue.map { $0.isLetter ? $0.uppercased() : "_" }.joined()
  }

  /// The option on the command line without its dashes: `publish-group`.
  package var optionName: String {
    String(rawValue.map { $0 == "." ? "-" : $0 })
  }

  /// The option on the command line: `--publish-group`.
  package var flag: String { "--" + optionName }

  /// The key whose value holds when this one is not set anywhere.
  package var inherits: Key? { row.inherits }

  /// What holds when nothing is set, as a person would write it; `nil` for a key that inherits.
  package var defaultText: String? { row.defaultText }

  /// What holds when nothing is set, in words for help and manual.
  package var defaultDescription: String {
    defaultText.map { $0.isEmpty ? "empty" : $0 } ?? inherits.map { "as \($0.name)" } ?? ""
  }

  /// What may be written, worded to follow "must be".
  package var accepted: String { row.accepted }

  /// All values that there are, each in its normal form, for completions; empty where they cannot be listed.
  package var choices: [String] { row.choices }

  /// What a reload has to do when the value of this key changed.
  package var reloadEffect: ReloadEffect { row.reload }

  /// One line of help, without a full stop.
  package var help: String { row.help }
}
