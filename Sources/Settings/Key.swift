// SPDX-License-Identifier: Apache-2.0

/// Everything that can be configured, in the order in which it is shown to people.
///
/// The raw value is the name in a configuration file; the other spellings follow from it.
package enum Key: String, CaseIterable, Hashable, Sendable {
  case group
  case port
  case interface
  case source
  case publishEnabled = "publish.enabled"
  case publishGroup = "publish.group"
  case publishPort = "publish.port"
  case publishInterface = "publish.interface"
  case subscribeEnabled = "subscribe.enabled"
  case subscribeGroup = "subscribe.group"
  case subscribePort = "subscribe.port"
  case subscribeInterface = "subscribe.interface"
  case interval
  case ttl
  case loopback
  case timestamp
  case receiveBuffer = "receive-buffer"
  case logRate = "log.rate"
  case logBurst = "log.burst"
  case logOwn = "log.own"
  case logHeartbeats = "log.heartbeats"
  case logQueue = "log.queue"
  case logLevel = "log.level"
  case peersMax = "peers.max"
  case peersExpected = "peers.expected"
}

extension Key {
  /// What every variable of ours begins with.
  package static let environmentPrefix = "MCASTD_"

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
  package var inherits: Key? {
    switch self {
    case .publishGroup, .subscribeGroup: .group
    case .publishPort, .subscribePort: .port
    case .publishInterface, .subscribeInterface: .interface
    default: nil
    }
  }

  /// What holds when nothing is set, as a person would write it; `nil` for a key that inherits.
  package var defaultText: String? { row.defaultText }

  /// What holds when nothing is set, in words for help and manual.
  package var defaultDescription: String {
    row.defaultText ?? inherits.map { "as \($0.name)" } ?? ""
  }

  /// What may be written, worded to follow "must be".
  package var accepted: String { row.accepted }

  /// All values there are, where they can be listed; each is its own normal form.
  package var choices: [String] { row.choices }

  /// One line of help, without a full stop.
  package var help: String { row.help }
}
