// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Testing

extension SystemTests {
  /// A network that loses datagrams, at random (nft's numgen), and twenty peers at 10 Hz. The 10 minutes of
  /// 1 % with MCASTD_LONG_TESTS=1, 20 s otherwise.
  struct PeerLossTests {
    private static let senders = 10

    private static func withLossyNetwork(
      _ body: (Daemon, (Int) async throws -> Void) async throws -> Void
    ) async throws {
      try await Bridge.with(hosts: 2) { bridge in
        let (observer, sender) = (bridge.hosts[0], bridge.hosts[1])
        try await sender.batch((0..<senders).map { "address add 10.77.0.\(100 + $0)/24 dev eth0" })
        let base = """
          table netdev air {
            chain in { type filter hook ingress device eth0 priority 0; }
          }

          """
        try await observer.run("nft", "-f", "-", input: Array(base.utf8)).checked()
        let setLoss = { (percent: Int) in
          let rule =
            "flush chain netdev air in\nadd rule netdev air in udp dport 5001 numgen random mod 100 < \(percent) drop\n"
          try await observer.run("nft", "-f", "-", input: Array(rule.utf8)).checked()
        }
        try await observer.daemon(
          "--interface", "eth0", "--log-own", "no", "--log-rate", "0"
        ) { daemon in
          try await sender.peer(
            "beats", "--first", "10.77.0.100", "--senders", "\(senders)", "--interval", "0.1"
          ) { _ in
            // Until each is known by its own pace.
            try await daemon.lines(senders * 100, within: .seconds(20))
            try await body(daemon, setLoss)
          }
        }
      }
    }

    @Test("one datagram of a hundred is lost: nobody is called silent")
    func onePercent() async throws {
      let isLong = ProcessInfo.processInfo.environment["MCASTD_LONG_TESTS"] == "1"
      try await Self.withLossyNetwork { daemon, setLoss in
        try await setLoss(1)
        try await daemon.lines(
          daemon.lines.count + Self.lines(in: isLong ? 600 : 20, lost: 1), within: .seconds(900))
        #expect(daemon.events(EventID.peerSilent) == [] && daemon.events(EventID.networkSilent) == [])
        #expect(daemon.toldPeers(EventID.peerDiscovered).count == Self.senders)
      }
    }

    @Test(
      "many are lost: those are called silent that the rule says, from what was heard, and no others",
      arguments: [20, 45])
    func verdicts(percent: Int) async throws {
      try await Self.withLossyNetwork { daemon, setLoss in
        try await setLoss(percent)
        let seconds = percent == 20 ? 20 : 10
        try await daemon.lines(
          daemon.lines.count + Self.lines(in: seconds, lost: percent), within: .seconds(90))
        // The judgement of what is open comes with the beats that are not lost.
        try await setLoss(0)
        try await daemon.lines(daemon.lines.count + Self.senders * 15)
        var sure: [String: Int] = [:]
        var possible: [String: Int] = [:]
        for (source, beats) in Self.beats(daemon.datagrams) {
          let (certain, uncertain) = SilenceRule.count(beats)
          // Where half is lost eight turns in a row may be longer, and the interval grows: then fewer are
          // silent.
          if certain > 0, percent <= 20 { sure[source] = certain }
          possible[source] = certain + uncertain
        }
        var told: [String: Int] = [:]
        for source in daemon.toldPeers(EventID.peerSilent) { told[source, default: 0] += 1 }
        print(
          "loss \(percent) %: \(told.values.reduce(0, +)) silences told, \(sure.values.reduce(0, +)) by the rule"
        )
        for number in 0..<Self.senders {
          let source = "10.77.0.\(100 + number)"
          let range = (sure[source] ?? 0)...(possible[source] ?? 0)
          #expect(
            range.contains(told[source] ?? 0), "\(source): \(range) by the rule, \(told[source] ?? 0) told")
        }
      }
    }

    /// What is heard of all senders, at ten beats a second each.
    private static func lines(in seconds: Int, lost percent: Int) -> Int {
      senders * 10 * seconds * (100 - percent) / 100
    }

    /// When the datagrams arrived, by the daemon's own stamps in seconds, by source.
    private static func beats(_ datagrams: [JournalEntry]) -> [String: [Double]] {
      datagrams.reduce(into: [:]) { beats, datagram in
        guard let source = datagram["MCAST_SOURCE"],
          let time = datagram["MCAST_RECEIVED_USEC"].flatMap(Double.init)
        else { return }
        beats[source, default: []].append(time / 1e6)
      }
    }
  }
}

/// When a peer that beats each 0.1 s is silent, once more and from what is promised of it: five to fifteen of
/// its intervals after its last beat, the interval being 0.1 s as long as one of eight beats is heard in
/// time, and no less than 0.4 of the second longest of the last eight gaps. How many of them is for
/// `MonitoredGroupTests` to say; it has fewer than the 4096 beats from which on fewer than five are possible.
private enum SilenceRule {
  /// How often a peer of these beats (seconds) falls silent, for certain and perhaps: where a gap is longer
  /// than the highest number allows, and than the least, to a few milliseconds.
  static func count(_ beats: [Double]) -> (certain: Int, uncertain: Int) {
    // More than half a step of 100 ms: a gap is a whole number of steps, and a limit often lies between two.
    let jitter = 0.06
    var (certain, uncertain) = (0, 0)
    var gaps: [Double] = []
    var isSilent = false
    for (before, beat) in zip(beats, beats.dropFirst()) {
      let gap = beat - before
      let sorted = gaps.suffix(8).sorted()
      // It takes 8 s to know the interval.
      if isSilent {
        isSilent = false
      } else if gaps.count >= 80 {
        let interval = max(0.1, 0.4 * sorted[6])
        if gap > 15 * interval + max(interval / 2, 0.05) + jitter {
          certain += 1
          isSilent = true
        } else if gap > 5 * interval + 0.05 - jitter {
          uncertain += 1
        }
      }
      gaps.append(gap)
    }
    return (certain, uncertain)
  }
}
