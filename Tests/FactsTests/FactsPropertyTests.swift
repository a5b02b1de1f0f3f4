// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Platform
import TestSupport
import Testing

@testable import Facts

/// A network that loses, repeats and delays, and a host that changes and is restarted: what is known of it
/// was said by it, never goes back, and is its last state in the end.
struct FactsPropertyTests {
  private struct Sent {
    var payload: [UInt8]
    /// Counts all changes, over restarts.
    var change: Int
    var arrival: Int64
  }

  private static let millisecond: Int64 = 1_000_000
  private static let address = IPAddress(family: .ipv4, high: 0, low: 7)

  private func hear(_ payload: [UInt8], by facts: inout Facts, at time: Int64) throws {
    try payload.withUnsafeBytes { payload in
      let outline = try #require(Heartbeat.read(payload))
      facts.hear(
        payload, outline, from: Self.address, proof: nil, .current, arrival: time,
        interval: outline.said?.every)
    }
  }

  /// The number in the reading, which counts the changes.
  private func change(in facts: Facts, at time: Int64) -> (number: Int, quality: ReadingQuality)? {
    let host: HostName = "a"
    guard let report = facts.reports(of: host, at: time).first(where: { $0.id.key.text == "n.n" }) else {
      return nil
    }
    return Int(report.value.text).map { ($0, report.quality) }
  }

  @Test(
    "known is what was said last, whatever is lost, repeated or late", arguments: 0..<200 as Range<UInt64>)
  func order(seed: UInt64) throws {
    var random = SeededRandom(seed: 0x15 << 32 | seed)
    var facts = Facts(capacity: 10, at: 0)
    var (run, sequence, state, change): (UInt64, UInt64, UInt64, Int) = (1, 0, 1, 1)
    var wire: [Sent] = []
    let loss = [0, 10, 30, 50][random.below(4)]
    var (now, last): (Int64, Int) = (0, 0)
    for _ in 0..<2000 {
      now += Int64(random.below(40)) * Self.millisecond
      switch random.below(100) {
      case 0:
        // A restart takes a moment.
        (run, sequence, state) = (run + 1 + UInt64(random.below(1000)), 0, 1)
        change += 1
        now += 50 * Self.millisecond
      case 1...20: (state, change) = (state + 1, change + 1)
      default: break
      }
      sequence += 1
      let text =
        "ATU 2026-11-30 00:00:00 host=a run=\(String(run, radix: 16)) seq=\(sequence) every=1s "
        + "state=\(state) n.n=\(change)"
      for _ in 0..<(random.below(20) == 0 ? 2 : 1) where random.below(100) >= loss {
        // Within what may be on the way of a run that ended.
        let delay = random.below(10) == 0 ? Int64(random.below(900)) * Self.millisecond : 0
        wire.append(Sent(payload: Array(text.utf8), change: change, arrival: now + delay))
      }
      last = change
    }
    // A copy that arrives, after all others.
    let final = "host=a run=\(String(run, radix: 16)) seq=\(sequence + 1) every=1s state=\(state) n.n=\(last)"
    wire.append(
      Sent(
        payload: Array("ATU 2026-11-30 00:00:00 \(final)".utf8), change: last,
        arrival: now + 1_000 * Self.millisecond))
    var shown = 0
    for sent in wire.sorted(by: { $0.arrival < $1.arrival }) {
      try hear(sent.payload, by: &facts, at: sent.arrival)
      _ = facts.takeChanges(at: sent.arrival, limit: 10)
      guard let known = self.change(in: facts, at: sent.arrival) else { continue }
      #expect(known.number >= shown, "seed \(seed): went back")
      #expect(known.number <= last, "seed \(seed): never said")
      shown = known.number
    }
    #expect(shown == last, "seed \(seed)")
    #expect(self.change(in: facts, at: now + 1_100 * Self.millisecond)?.quality == .good, "seed \(seed)")
  }

  @Test("of hostile words at most 64 readings a host are kept, and nothing traps")
  func hostile() throws {
    var random = SeededRandom(testSeed: 16)
    var facts = Facts(capacity: 16, at: 0)
    let pieces = [
      "host=a", "host=b", "run=1", "run=ffffffffffffffff", "run=0", "seq=1", "seq=18446744073709551615",
      "state=18446744073709551615", "state=0", "every=1s", "every=10ms", "every=1h", "via=64", "a.b=1",
      "a.b=2",
      "test.a.b=OB", "test.test.a=1", "z.z=\"\"", "z.z=\"a \\\" b\"", "x.y=?", "bye=stop",
    ]
    for step in 0..<20_000 {
      let words = (0..<random.below(12)).map { _ in pieces[random.below(pieces.count)] }
      let payload = Array((["ATU 2026-11-30 00:00:00"] + words).joined(separator: " ").utf8)
      let time = Int64(step) * Int64(random.below(100)) * Self.millisecond
      let proof = [nil, Proof.ok, Proof.bad, Proof.none][random.below(4)]
      payload.withUnsafeBytes { payload in
        guard let outline = Heartbeat.read(payload) else { return }
        facts.hear(
          payload, outline, from: Self.address, proof: proof, .current, arrival: time,
          interval: outline.said.map { $0.every } ?? nil)
      }
      _ = facts.takeChanges(at: time, limit: 3)
      #expect(facts.hostCount <= 2)
    }
  }
}
