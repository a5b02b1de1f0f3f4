// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Testing

@testable import Metrics

struct SystemdMetricTests {
  private func json(_ metrics: [SystemdMetric]) throws -> [String] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return try metrics.map { String(decoding: try encoder.encode($0), as: UTF8.self) }
  }

  @Test("names are in CamelCase, begin with the socket's, and each metric has its own")
  func names() {
    let names = Metric.allCases.map { SystemdMetric.name(of: MetricFamily($0, []), source: "io.mcastd") }
    #expect(names.contains("io.mcastd.DatagramsReceived"))
    #expect(names.contains("io.mcastd.PeerLastHeardTimestampSeconds"))
    #expect(Set(names).count == Metric.allCases.count)
  }

  @Test("a counter is a number, a state is its word, and the object is the host")
  func values() throws {
    let labels = MetricLabels(["host": "ups1", "interface": "eth0", "state": "silent"])
    #expect(
      try json(SystemdMetric.metrics(of: MetricFamily(.peerState, [MetricSample(labels, 1)]), source: "io.m"))
        == [#"{"fields":{"interface":"eth0"},"name":"io.m.PeerState","object":"ups1","value":"silent"}"#])
    #expect(
      try json(SystemdMetric.metrics(of: MetricFamily(.sent, [MetricSample(.none, 7)]), source: "io.m"))
        == [#"{"name":"io.m.HeartbeatsSent","value":7}"#])
  }

  @Test("what is not known has no metric")
  func unknown() {
    #expect(
      SystemdMetric.metrics(of: MetricFamily(.peerUp, [MetricSample(.none, nil)]), source: "io.m").isEmpty)
  }

  @Test("words of a reading are told apart by their fields")
  func words() throws {
    let samples = ["DISCHRG", "OB"].map {
      MetricSample(MetricLabels(["host": "u", "key": "ups.status", "state": $0]), 1)
    }
    #expect(
      try json(SystemdMetric.metrics(of: MetricFamily(.readingState, samples), source: "io.m")) == [
        #"{"fields":{"key":"ups.status","state":"DISCHRG"},"name":"io.m.ReadingState","object":"u","value":1}"#,
        #"{"fields":{"key":"ups.status","state":"OB"},"name":"io.m.ReadingState","object":"u","value":1}"#,
      ])
  }
}
