// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Liveness
import Platform

/// The reply to `ExplainPeer`, and what `mcastd peers --explain PEER --json` prints.
package struct ExplainReply: Codable, Sendable, Equatable {
  package var peers: [PeerExplanation]

  package init(peers: [PeerExplanation]) { self.peers = peers }
}

/// How a peer is judged, and why. Times are microseconds of CLOCK_REALTIME, spans are microseconds.
package struct PeerExplanation: Codable, Sendable, Equatable {
  /// Runs of lost beats of some length.
  package struct LossRun: Codable, Sendable, Equatable {
    /// Beats.
    package var shortest: Int
    package var longest: Int
    /// How many runs.
    package var count: Int
  }

  /// The name that it gives itself; empty where it gives none.
  package var host: String
  package var address: String
  package var interface: String
  /// As `PeerReply.state`, and since when.
  package var state: String
  package var sinceUsec: Int64
  package var lastHeardUsec: Int64
  /// Announced or estimated.
  package var intervalUsec: Int64
  package var isIntervalAnnounced: Bool
  /// Beats in a row that are missing when it is silent.
  package var silentAfterBeats: Int
  /// Why it is not fewer: a raw value of `Patience.Explanation.Reason`.
  package var reason: String
  /// The share of `knownBeats` that was lost, 0 to 1.
  package var lossRate: Double
  package var knownBeats: UInt64
  /// The shortest first.
  package var lossRuns: [LossRun]
  /// `peers.false-alarms`, and among how many peers it is divided.
  package var falseAlarms: String
  package var group: Int
  /// False alarms a year of this peer.
  package var expectedPerYear: Double
  package var allowedPerYear: Double
  package var isEnough: Bool
  /// How unevenly its beats arrive, how late one may be, and how long after its last beat it is silent.
  package var jitterUsec: Int64
  package var marginUsec: Int64
  package var silentAfterUsec: Int64
  /// `silent` or `left`: what it was before it was heard again last, since when, and for how long; nil where
  /// it never was.
  package var lastVerdict: String?
  package var lastVerdictUsec: Int64?
  package var lastedUsec: Int64?
}

extension PeerExplanation {
  /// - Parameters:
  ///   - interface: Its name.
  ///   - allowed: `peers.false-alarms`, and among how many peers it is divided.
  package init(
    _ report: PeerReport<PeerID>, _ why: Patience.Explanation, interface: String,
    allowed: (rate: FalseAlarmRate, peers: Int)
  ) {
    host = report.name.map { "\($0)" } ?? ""
    address = "\(report.address)"
    self.interface = interface
    state = report.state.rawValue
    sinceUsec = Clocks.epochMicroseconds(ofMonotonic: report.stateSince)
    lastHeardUsec = Clocks.epochMicroseconds(ofMonotonic: report.lastHeard)
    intervalUsec = report.interval / 1000
    isIntervalAnnounced = report.announcesInterval
    silentAfterBeats = why.beats
    reason = why.reason.rawValue
    lossRate = why.lossRate
    knownBeats = why.knownBeats
    lossRuns = why.runs.map {
      LossRun(shortest: $0.lengths.lowerBound, longest: $0.lengths.upperBound, count: $0.count)
    }
    falseAlarms = "\(allowed.rate)"
    group = allowed.peers
    expectedPerYear = why.expected
    allowedPerYear = why.share
    isEnough = why.isEnough
    jitterUsec = report.unevenness / 1000
    marginUsec = report.margin / 1000
    silentAfterUsec = report.silentAfter / 1000
    guard report.lastSilence > 0 else { return }
    lastVerdict = report.lastSilenceState.rawValue
    lastVerdictUsec = Clocks.epochMicroseconds(ofMonotonic: report.lastSilenceBegan)
    lastedUsec = report.lastSilence / 1000
  }
}

// MARK: For people

extension ExplainReply {
  /// Lines for each peer.
  package func text() -> ConsoleText {
    peers.map { $0.text() }.reduce(into: "") { $0 += $0.width == 0 ? $1 : "\n\($1)" }
  }
}

extension PeerExplanation {
  /// A line for each fact.
  func text() -> ConsoleText {
    let name = host.isEmpty ? address : "\(host) (\(address))"
    var rows: [(name: ConsoleText, value: String)] = [
      ("peer", "\(name) on \(interface)"),
      (
        "state",
        "\(state) since \(CivilTime.toSecond(sinceUsec)), last heard \(CivilTime.toSecond(lastHeardUsec))"
      ),
      (
        "interval",
        "\(Self.seconds(intervalUsec)), \(isIntervalAnnounced ? "as it says itself" : "as its beats came")"
      ),
      ("losses", lossesText),
      ("allowed", allowedText),
      ("missed beats", "\(silentAfterBeats) in a row make it silent: \(reasonText)"),
      ("false alarms", expectedText),
      (
        "margin",
        "\(Self.seconds(marginUsec)): ten times the jitter of \(Self.seconds(jitterUsec)), but no less than "
          + "0.050 s and no more than half an interval"
      ),
      ("deadline", "silent \(Self.seconds(silentAfterUsec)) after its last beat"),
    ]
    let verdict =
      if let lastVerdict, let lastVerdictUsec, let lastedUsec {
        "\(lastVerdict) since \(CivilTime.toSecond(lastVerdictUsec)), "
          + "for \(DurationText.words(microseconds: lastedUsec))"
      } else {
        "none: it was neither silent nor left"
      }
    rows.append(("last verdict", verdict))
    let width = rows.map(\.name.width).max() ?? 0
    return rows.reduce(into: "") { $0 += "\($1.name.rightAligned(to: width)): \($1.value)\n" }
  }

  private var lossesText: String {
    guard lossRate > 0 else { return "none in \(knownBeats) beats" }
    let runs = lossRuns.map { run in
      let length = run.shortest == run.longest ? "\(run.shortest)" : "\(run.shortest)–\(run.longest)"
      return "\(length)×\(run.count)"
    }
    return
      "\(Self.decimal(lossRate * 100)) % of \(knownBeats) beats, in runs of \(runs.joined(separator: ", "))"
  }

  private var allowedText: String {
    guard group > 1 else { return "\(falseAlarms), and there is no other peer" }
    return "\(falseAlarms) for all \(group) peers together: \(Self.rate(allowedPerYear)) for this one"
  }

  private var reasonText: String {
    switch Patience.Explanation.Reason(rawValue: reason) {
    case .least: "the least that there is"
    case .fewBeats: "too few beats are known for fewer"
    case .loss: "as many as its losses take"
    case .recentLoss: "losses came closer to one another just now than before"
    case .bursts: "losses follow one another more often than by chance"
    case .steadiness: "fewer would be enough, but not by much"
    case nil: reason
    }
  }

  private var expectedText: String {
    if isEnough { return "\(Self.rate(expectedPerYear)) are to be expected" }
    if lossRate == 0 { return "too little is known of it to say how many are to be expected" }
    let why =
      silentAfterBeats == Patience.range.upperBound
      ? "for fifteen missed beats are not enough" : "more than is allowed"
    return "\(Self.rate(expectedPerYear)) are to be expected, \(why)"
  }

  private static func rate(_ perYear: Double) -> String { "\(decimal(perYear)) a year" }

  /// Two significant digits or so: `123`, `1.2`, `0.31`, `0.004`, `less than 0.001`.
  private static func decimal(_ number: Double) -> String {
    guard number.isFinite, number < 1e15 else { return "more than can be counted" }
    guard number >= 0.001 else { return number > 0 ? "less than 0.001" : "0" }
    let places = number >= 10 ? 0 : number >= 1 ? 1 : number >= 0.01 ? 2 : 3
    let scale = [1, 10, 100, 1000][places]
    let (whole, rest) = Int((number * Double(scale)).rounded()).quotientAndRemainder(dividingBy: scale)
    return places == 0 ? "\(whole)" : "\(whole).\(String(String(scale + rest).dropFirst()))"
  }

  /// `1.000 s`.
  private static func seconds(_ microseconds: Int64) -> String {
    let (whole, rest) = (max(0, microseconds) / 1000).quotientAndRemainder(dividingBy: 1000)
    return "\(whole).\(String(String(1000 + rest).dropFirst())) s"
  }
}
