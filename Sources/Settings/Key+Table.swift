// SPDX-License-Identifier: Apache-2.0

extension Key {
  /// What is told about a key wherever it is described: help, manual, errors.
  struct Row {
    /// `nil` where the key inherits.
    var defaultText: String?
    /// Worded to follow "must be".
    var accepted: String
    /// All that may be written, for completions; empty where that cannot be listed.
    var choices: [String] = []
    var help: String
  }

  /// The one table of keys; the numbers in it are those of ``Limits``, which the parsers obey.
  var row: Row {
    switch self {
    case .group:
      Row(
        defaultText: "239.1.1.1", accepted: Key.groupText, help: "Multicast group to publish and subscribe to"
      )
    case .port:
      Row(defaultText: "5001", accepted: Limits.text(Limits.port), help: "UDP port")
    case .interface:
      Row(
        defaultText: "auto", accepted: Key.interfaceText,
        help: "Interfaces to send and receive on; auto follows the route to the group")
    case .source:
      Row(
        defaultText: "any",
        accepted: "any, or addresses of the group's family, comma-separated, none of them a group",
        help: "Sources to accept (source-specific multicast)")
    case .publishEnabled:
      Row(defaultText: "yes", accepted: Key.yesNoText, choices: Key.yesNo, help: "Send heartbeats")
    case .publishGroup:
      Row(accepted: Key.groupText, help: "Group to send to, where it is another")
    case .publishPort:
      Row(accepted: Limits.text(Limits.port), help: "Port to send to, where it is another")
    case .publishInterface:
      Row(accepted: Key.interfaceText, help: "Interfaces to send on, where they are others")
    case .subscribeEnabled:
      Row(defaultText: "yes", accepted: Key.yesNoText, choices: Key.yesNo, help: "Receive and log datagrams")
    case .subscribeGroup:
      Row(accepted: Key.groupText, help: "Group to receive, where it is another")
    case .subscribePort:
      Row(accepted: Limits.text(Limits.port), help: "Port to receive on, where it is another")
    case .subscribeInterface:
      Row(accepted: Key.interfaceText, help: "Interfaces to receive on, where they are others")
    case .interval:
      Row(
        defaultText: "1s", accepted: "10ms–1h, with a unit (ms, s, min, h)",
        help: "Time from one heartbeat to the next")
    case .ttl:
      Row(
        defaultText: "1", accepted: Limits.text(Limits.ttl),
        help: "Time to live, or IPv6 hop limit, of heartbeats: 1 stays on the link")
    case .loopback:
      Row(
        defaultText: "yes", accepted: Key.yesNoText, choices: Key.yesNo,
        help: "Let this host hear its own heartbeats")
    case .timestamp:
      Row(
        defaultText: "local", accepted: "local or utc", choices: Settings.Timestamp.allCases.map(\.rawValue),
        help: "Zone of the time in heartbeats")
    case .receiveBuffer:
      Row(
        defaultText: "4MiB", accepted: Limits.bytesText(Limits.receiveBuffer),
        help: "Kernel buffer of the receiving socket")
    case .logRate:
      Row(
        defaultText: "100", accepted: Limits.text(Limits.logRate) + " (0: no budget)",
        help: "Journal entries a second for received datagrams; 0 logs every one")
    case .logBurst:
      Row(
        defaultText: "1000", accepted: Limits.text(Limits.logBurst) + " (0: no budget)",
        help: "Entries that may come at once before log.rate holds; 0 logs every one")
    case .logOwn:
      Row(
        defaultText: "yes", accepted: Key.yesNoText, choices: Key.yesNo,
        help: "Log our own heartbeats heard back (about 78 MB of journal a day)")
    case .logHeartbeats:
      Row(
        defaultText: "yes", accepted: "yes, own or no", choices: ["yes", "own", "no"],
        help: "Log the heartbeats that are received: all, only our own, or none")
    case .logQueue:
      Row(
        defaultText: "32MiB", accepted: Limits.bytesText(Limits.logQueue),
        help: "Memory for entries that wait for journald")
    case .logLevel:
      Row(
        defaultText: "info", accepted: "error, warning, notice, info or debug",
        choices: Settings.LogLevel.allCases.map(\.rawValue),
        help: "Least important of the daemon's own messages to log")
    case .peersMax:
      Row(
        defaultText: "4096", accepted: Limits.text(Limits.peersMax), help: "Peers to remember")
    case .peersExpected:
      Row(
        defaultText: "none",
        accepted:
          "none, or addresses of the group's family, comma-separated, none of them a group, at most 1000",
        help: "Peers that must be there: never evicted, and silent when they are not heard from the start")
    }
  }

  private static let yesNoText = "yes or no"
  private static let yesNo = ["yes", "no"]
  private static let interfaceText = "auto, or interface names or addresses, comma-separated"
  private static let groupText =
    "a multicast address: IPv4 in 224.0.0.0/4 or IPv6 in ff00::/8 (link-local scope needs an interface)"
}
