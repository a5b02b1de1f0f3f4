// SPDX-License-Identifier: Apache-2.0

/// What mcastd shows to Prometheus, to OpenMetrics and to systemd, in the order in which it is shown.
///
/// The raw value is the name in Prometheus' text format; the others follow from it.
package enum Metric: String, CaseIterable, Sendable {
  case buildInfo = "mcastd_build_info"
  case startTime = "mcastd_start_time_seconds"
  case received = "mcastd_datagrams_received_total"
  case logged = "mcastd_datagrams_logged_total"
  case summarised = "mcastd_datagrams_summarised_total"
  case queued = "mcastd_datagrams_queued"
  case dropped = "mcastd_datagrams_dropped_total"
  case truncated = "mcastd_datagrams_truncated_total"
  case foreign = "mcastd_datagrams_foreign_total"
  case unauthenticated = "mcastd_datagrams_unauthenticated_total"
  case replayed = "mcastd_datagrams_replayed_total"
  case sent = "mcastd_heartbeats_sent_total"
  case sendFailed = "mcastd_heartbeats_failed_total"
  case conditions = "mcastd_conditions"
  case peers = "mcastd_peers"
  case peersRefused = "mcastd_peers_refused_total"
  case rulesLeftOut = "mcastd_rules_left_out"
  case leftOut = "mcastd_metrics_left_out"
  case ruleActive = "mcastd_rule_active"
  case ruleState = "mcastd_rule_state"
  case ruleChanges = "mcastd_rule_changes_total"
  case peerUp = "mcastd_peer_up"
  case peerState = "mcastd_peer_state"
  case peerLastHeard = "mcastd_peer_last_heard_timestamp_seconds"
  case peerMissedBeats = "mcastd_peer_missed_beats_total"
  case peerClockOffset = "mcastd_peer_clock_offset_seconds"
  case readingKnown = "mcastd_reading_known"
  case reading = "mcastd_reading"
  case readingCelsius = "mcastd_reading_celsius"
  case readingRatio = "mcastd_reading_ratio"
  case readingVolts = "mcastd_reading_volts"
  case readingAmperes = "mcastd_reading_amperes"
  case readingWatts = "mcastd_reading_watts"
  case readingVoltAmperes = "mcastd_reading_volt_amperes"
  case readingHertz = "mcastd_reading_hertz"
  case readingSeconds = "mcastd_reading_seconds"
  case readingRPM = "mcastd_reading_rpm"
  case readingState = "mcastd_reading_state"
}

extension Metric {
  /// The table of metrics: what kind of value each is, by what its samples are told apart, and what it says.
  ///
  /// A switch without a default: a metric without its row does not compile.
  private var row: (kind: MetricFamily.Kind, labels: [String], help: String) {
    switch self {
    case .buildInfo: (.info, ["version"], "Version of the daemon.")
    case .startTime: (.gauge, [], "When the daemon was started, since the epoch.")
    case .received: (.counter, [], "Datagrams received of the group; logged, summarised and queued together.")
    case .logged: (.counter, [], "Datagrams that have an entry of their own in the journal.")
    case .summarised: (.counter, [], "Datagrams that were only counted in the journal.")
    case .queued: (.gauge, [], "Datagrams whose entries wait for the journal.")
    case .dropped: (.counter, [], "Datagrams that the kernel dropped, for the receive buffer was full.")
    case .truncated: (.counter, [], "Datagrams that were longer than what is kept of one.")
    case .foreign: (.counter, [], "Datagrams on the port that were of another group or interface.")
    case .unauthenticated: (.counter, [], "Heartbeats of others without a code, or with a wrong one.")
    case .replayed: (.counter, [], "Heartbeats of others that had been accepted before, or may be recorded.")
    case .sent: (.counter, [], "Heartbeats that were sent, one for each interface.")
    case .sendFailed: (.counter, [], "Heartbeats that the kernel refused to send.")
    case .conditions:
      (
        .gauge, ["condition"],
        "Interfaces on which a condition keeps the daemon from hearing, judging or sending."
      )
    case .peers: (.gauge, ["state"], "Peers in a state; nothing is known of those that are unknown.")
    case .peersRefused: (.counter, [], "Sources that are no peers, for there are peers.max already.")
    case .rulesLeftOut:
      (.gauge, [], "Files of rules that are not in force, for something is wrong with them.")
    case .leftOut: (.gauge, [], "Peers and hosts without series here, for there would be too many series.")
    case .ruleActive:
      (.gauge, ["rule"], "Whether what the rule is for is entered: 1 while it is active or releasing.")
    case .ruleState: (.state, ["rule", "state"], "The state that the rule is in: 1, for this one only.")
    case .ruleChanges: (.counter, ["rule"], "Changes of the rule's state, drills not counted.")
    case .peerUp:
      (.gauge, Self.peer, "Whether the peer is there: 1 alive or late, 0 silent or left, NaN unknown.")
    case .peerState: (.state, Self.peer + ["state"], "The state that the peer is in: 1, for this one only.")
    case .peerLastHeard: (.gauge, Self.peer, "When the last heartbeat of the peer arrived, since the epoch.")
    case .peerMissedBeats: (.counter, Self.peer, "Heartbeats of the peer that were sent and did not arrive.")
    case .peerClockOffset: (.gauge, Self.peer, "Our clock minus that of the peer, delay included.")
    case .readingKnown:
      (
        .gauge, Self.said,
        "Whether the reading is known: 1 good, 0 stale, unknown or not authentic; then it has no value."
      )
    case .reading: (.gauge, Self.said, "Reading of a host that is a number without a unit.")
    case .readingCelsius: (.gauge, Self.said, "Reading of a host in degrees Celsius.")
    case .readingRatio: (.gauge, Self.said, "Reading of a host in percent, as a ratio: 1 is 100 %.")
    case .readingVolts: (.gauge, Self.said, "Reading of a host in volts.")
    case .readingAmperes: (.gauge, Self.said, "Reading of a host in amperes.")
    case .readingWatts: (.gauge, Self.said, "Reading of a host in watts.")
    case .readingVoltAmperes: (.gauge, Self.said, "Reading of a host in volt-amperes.")
    case .readingHertz: (.gauge, Self.said, "Reading of a host in hertz.")
    case .readingSeconds: (.gauge, Self.said, "Reading of a host in seconds.")
    case .readingRPM: (.gauge, Self.said, "Reading of a host in turns a minute.")
    case .readingState:
      (.gauge, Self.said + ["state"], "Reading of a host that is words: 1 for each word that it says.")
    }
  }

  private static let peer = ["host", "address", "interface"]
  private static let said = ["host", "key"]

  /// The labels that its samples may have. A peer has a host, or an address where it has no name.
  package var labels: [String] { row.labels }

  /// What kind of value it is.
  package var kind: MetricFamily.Kind { row.kind }

  /// What it says, one sentence.
  package var help: String { row.help }

  /// The base unit that its name ends in, as OpenMetrics has it; nil for none.
  package var unit: String? {
    let name = rawValue
    return Self.units.first { name.hasSuffix("_\($0)") }
  }

  /// The longer before those that they end in.
  private static let units = [
    "seconds", "celsius", "ratio", "volts", "volt_amperes", "amperes", "watts", "hertz", "rpm",
  ]

  /// The metric of readings with a unit; nil for one that there is none for.
  ///
  /// - Parameter unit: As a reading has it (`C`), empty for none.
  /// - Returns: The metric, and what its numbers are divided by.
  package static func reading(unit: some StringProtocol) -> (metric: Metric, divisor: Double)? {
    switch unit {
    case "": (.reading, 1)
    case "C": (.readingCelsius, 1)
    case "%": (.readingRatio, 100)
    case "V": (.readingVolts, 1)
    case "A": (.readingAmperes, 1)
    case "W": (.readingWatts, 1)
    case "VA": (.readingVoltAmperes, 1)
    case "Hz": (.readingHertz, 1)
    case "s": (.readingSeconds, 1)
    case "rpm": (.readingRPM, 1)
    default: nil
    }
  }
}
