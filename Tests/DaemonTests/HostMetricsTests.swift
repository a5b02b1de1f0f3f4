// SPDX-License-Identifier: Apache-2.0

import Facts
import Heartbeat
import Metrics
import Testing

@testable import Daemon
@testable import Liveness
@testable import Monitor

struct HostMetricsTests {
  private func value(_ host: MetricTable.Host, _ metric: Metric) throws -> Double? {
    try #require(host.samples.first { $0.metric == metric }).sample.value
  }

  private func reading(
    _ word: String, _ text: String, _ quality: ReadingQuality = .good, proof: Proof? = nil,
    isOwn: Bool = false
  ) throws -> ReadingReport {
    ReadingReport(
      host: "ups1", address: isOwn ? nil : Example.address(5), id: try #require(Reading.ID(word: word)),
      value: try #require(ReadingValue(text)), quality: quality, heard: 1, changed: 1, proof: proof)
  }

  private func host(_ readings: ReadingReport..., isExpected: Bool = false) -> MetricTable.Host {
    MetricTable.Host(readings, of: "ups1", isExpected: isExpected)
  }

  @Test("a peer is up while it is alive or late, down when it is silent or left, and NaN while it is unknown")
  func up() throws {
    var peer = try Example.peer()
    for (state, isUp) in [
      (.alive, 1), (.late, 1), (.silent, 0), (.left, 0), (.unknown, nil),
    ] as [(PeerState, Double?)] {
      peer.state = state
      let host = MetricTable.Host(peer, interface: "eth0", isExpected: false)
      #expect(try value(host, .peerUp) == isUp)
      let states = host.samples.filter { $0.metric == .peerState }.map(\.sample)
      #expect(states.map { $0.labels["state"] } == [state.rawValue] && states.map(\.value) == [1])
    }
  }

  @Test("an expected peer that was never heard is down or unknown, and has no time at which it was heard")
  func neverHeard() throws {
    let unknown = MetricTable.Host(expected: .name("ups1"), .unknown)
    #expect(try value(unknown, .peerUp) == nil && unknown.isTrusted)
    let silent = MetricTable.Host(expected: .name("ups1"), .silent)
    #expect(try value(silent, .peerUp) == 0)
    #expect(!silent.samples.contains { $0.metric == .peerLastHeard })
  }

  @Test("a peer is told by its name, or its address where it has none, and its interface")
  func labels() throws {
    let named = MetricTable.Host(try Example.named(), interface: "eth0", isExpected: false)
    let labels = named.samples[0].sample.labels
    #expect(labels["host"] == "ups1" && labels["address"] == nil && labels["interface"] == "eth0")
    let other = MetricTable.Host(try Example.peer(), interface: "eth0", isExpected: false)
    #expect(other.samples[0].sample.labels["address"] == "10.0.0.5" && other.name == "10.0.0.5")
  }

  @Test("who has a key, is expected or is this host itself is trusted, and nobody else")
  func trust() throws {
    var peer = try Example.named()
    #expect(!MetricTable.Host(peer, interface: "eth0", isExpected: false).isTrusted)
    #expect(MetricTable.Host(peer, interface: "eth0", isExpected: true).isTrusted)
    for (proof, isTrusted) in [
      (.ok, true), (.signed, true), (.bad, false), (.replayed, false), (.none, false),
    ]
      as [(Proof, Bool)]
    {
      peer.proof = proof
      #expect(MetricTable.Host(peer, interface: "eth0", isExpected: false).isTrusted == isTrusted)
      #expect(host(try reading("a.b", "1", proof: proof)).isTrusted == isTrusted)
    }
    #expect(host(try reading("a.b", "1", isOwn: true)).isTrusted)
    #expect(host(try reading("a.b", "1"), isExpected: true).isTrusted)
  }

  @Test(
    "a number is a sample in its unit, percent a ratio",
    arguments: [
      ("24.5C", Metric.readingCelsius, 24.5), ("87.5%", .readingRatio, 0.875), ("230V", .readingVolts, 230),
      ("-1.5A", .readingAmperes, -1.5), ("900W", .readingWatts, 900), ("1VA", .readingVoltAmperes, 1),
      ("50Hz", .readingHertz, 50), ("12s", .readingSeconds, 12), ("1200rpm", .readingRPM, 1200),
      ("7", .reading, 7),
    ])
  func numbers(text: String, metric: Metric, number: Double) throws {
    let host = host(try reading("a.b", text))
    #expect(try value(host, metric) == number)
    #expect(try value(host, .readingKnown) == 1)
    #expect(host.samples.count == 2)
  }

  @Test("every unit that a reading may have has a metric")
  func units() {
    for unit in ReadingValue.units { #expect(Metric.reading(unit: unit) != nil, "\(unit)") }
  }

  @Test(
    "what is not good has no value, whatever was said last, and is not known",
    arguments: [ReadingQuality.stale, .unknown, .unauthenticated])
  func notGood(quality: ReadingQuality) throws {
    let host = host(
      try reading("a.b", "1", quality), try reading("c.d", "OB", quality), isExpected: true)
    #expect(host.samples.map(\.metric) == [.readingKnown, .readingKnown])
    #expect(host.samples.map(\.sample.value) == [0, 0])
  }

  @Test("a value for practice is not shown")
  func drill() throws {
    #expect(host(try reading("a.b", "1", .drill), isExpected: true).samples.isEmpty)
  }

  @Test("words are a sample each, once, of trusted hosts only, and not of too many")
  func words() throws {
    func states(_ text: String, isExpected: Bool = true) throws -> [String?] {
      host(try reading("ups.status", text), isExpected: isExpected).samples
        .filter { $0.metric == .readingState }.map { $0.sample.labels["state"] }
    }
    #expect(try states("OB DISCHRG OB") == ["OB", "DISCHRG"])
    #expect(try states("OB DISCHRG", isExpected: false) == [])
    #expect(try states("a b c d e f g h").count == 8)
    #expect(try states("a b c d e f g h i") == [])
  }

  @Test("samples have the labels that the table of metrics has, and no others")
  func declared() throws {
    let hosts = [
      MetricTable.Host(try Example.named(), interface: "eth0", isExpected: true),
      MetricTable.Host(try Example.peer(), interface: "eth0", isExpected: true),
      host(try reading("a.b", "1"), try reading("c.d", "x"), isExpected: true),
    ]
    for (metric, sample) in hosts.flatMap(\.samples) {
      #expect(Set(sample.labels.labels.map(\.name)).isSubset(of: metric.labels), "\(metric)")
    }
  }
}
