// SPDX-License-Identifier: Apache-2.0

import Liveness
import Testing

@testable import Control
@testable import Platform

extension PeerExplanation {
  static let sample = PeerExplanation(
    host: "ups1", address: "10.0.0.5", interface: "eth0", state: "alive", sinceUsec: 1, lastHeardUsec: 2,
    intervalUsec: 1_000_000, isIntervalAnnounced: true, silentAfterBeats: 4, reason: "loss", lossRate: 0.0008,
    knownBeats: 12_345,
    lossRuns: [.init(shortest: 1, longest: 1, count: 9), .init(shortest: 4, longest: 6, count: 1)],
    falseAlarms: "1/y", group: 12, expectedPerYear: 0.0204, allowedPerYear: 1 / 12, isEnough: true,
    jitterUsec: 1234, marginUsec: 50_000, silentAfterUsec: 4_050_000, lastVerdict: "silent",
    lastVerdictUsec: 3,
    lastedUsec: 12_000_000)
}

struct ExplainReplyTests {
  private func lines(_ peer: PeerExplanation) -> [String] {
    ExplainReply(peers: [peer]).text().description.split(separator: "\n").map {
      String($0.drop { $0 == " " })
    }
  }

  @Test("each fact has a line, with how it came about")
  func text() {
    let lines = lines(.sample)
    #expect(lines.first == "peer: ups1 (10.0.0.5) on eth0")
    for line in [
      "interval: 1.000 s, as it says itself", "losses: 0.08 % of 12345 beats, in runs of 1×9, 4–6×1",
      "allowed: 1/y for all 12 peers together: 0.08 a year for this one",
      "missed beats: 4 in a row make it silent: as many as its losses take",
      "false alarms: 0.02 a year are to be expected", "deadline: silent 4.050 s after its last beat",
    ] {
      #expect(lines.contains(line), "\(lines)")
    }
    #expect(lines.contains { $0.hasPrefix("margin: 0.050 s: ten times the jitter of 0.001 s") })
    #expect(lines.last?.hasPrefix("last verdict: silent since ") == true)
    #expect(lines.last?.hasSuffix(", for 12.0 s") == true)
  }

  @Test("where fifteen are not enough it says what is to be expected instead")
  func notEnough() {
    var peer = PeerExplanation.sample
    (peer.silentAfterBeats, peer.reason, peer.expectedPerYear, peer.isEnough) = (15, "bursts", 110.7, false)
    #expect(
      lines(peer).contains(
        "false alarms: 111 a year are to be expected, for fifteen missed beats are not enough"))
    #expect(lines(peer).contains { $0.hasSuffix("losses follow one another more often than by chance") })
  }

  @Test("of a peer that is new it says that little is known")
  func new() {
    var peer = PeerExplanation.sample
    (peer.host, peer.silentAfterBeats, peer.reason, peer.lossRate) = ("", 5, "few-beats", 0)
    (peer.knownBeats, peer.lossRuns, peer.expectedPerYear, peer.isEnough) = (40, [], 1e6, false)
    (peer.lastVerdict, peer.lastVerdictUsec, peer.lastedUsec) = (nil, nil, nil)
    let lines = lines(peer)
    #expect(lines.first == "peer: 10.0.0.5 on eth0" && lines.contains("losses: none in 40 beats"))
    #expect(lines.contains("false alarms: too little is known of it to say how many are to be expected"))
    #expect(lines.last == "last verdict: none: it was neither silent nor left")
  }

  @Test("every reason has words", arguments: Patience.Explanation.Reason.allCases)
  func reasons(reason: Patience.Explanation.Reason) {
    var peer = PeerExplanation.sample
    peer.reason = reason.rawValue
    #expect(!lines(peer).contains { $0.hasSuffix("make it silent: \(reason.rawValue)") })
  }

  @Test("what the daemon says cannot change the layout, and no number makes it trap")
  func hostile() {
    var peer = PeerExplanation.sample
    peer.host = "a\nb\u{1b}[2J"
    (peer.sinceUsec, peer.lastHeardUsec, peer.lastVerdictUsec) = (.max, .min, .max)
    (peer.expectedPerYear, peer.allowedPerYear, peer.lossRate) = (.infinity, 1e300, .greatestFiniteMagnitude)
    (peer.intervalUsec, peer.silentAfterUsec, peer.lastedUsec) = (.min, .max, .max)
    let text = ExplainReply(peers: [peer, peer]).text().description
    #expect(!text.contains("\u{1b}") && text.split(separator: "\n").count == 20)
  }
}
