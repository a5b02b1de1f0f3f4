// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Testing

@testable import Metrics

struct MetricTextTests {
  private let families = [
    MetricFamily(.buildInfo, [MetricSample(MetricLabels(["version": "0.2.0"]), 1)]),
    MetricFamily(.received, [MetricSample(.none, 9_007_199_254_740_992)]),
    MetricFamily(
      .peerUp,
      [
        MetricSample(MetricLabels(["interface": "eth0", "host": "ups1", "address": ""]), 1),
        MetricSample(MetricLabels(["host": #"a"b\c"# + "\nd"]), nil),
      ]),
    MetricFamily(.readingCelsius, [MetricSample(MetricLabels(["host": "r", "key": "temp.inlet"]), -0.5)]),
  ]

  @Test("Prometheus' text has counters by their whole name, and escapes values of labels")
  func prometheus() {
    #expect(
      String(decoding: MetricText.prometheus.text(of: families), as: UTF8.self) == #"""
        # HELP mcastd_build_info Version of the daemon.
        # TYPE mcastd_build_info gauge
        mcastd_build_info{version="0.2.0"} 1
        # HELP mcastd_datagrams_received_total Datagrams received of the group; logged, summarised and queued together.
        # TYPE mcastd_datagrams_received_total counter
        mcastd_datagrams_received_total 9007199254740992
        # HELP mcastd_peer_up Whether the peer is there: 1 alive or late, 0 silent or left, NaN unknown.
        # TYPE mcastd_peer_up gauge
        mcastd_peer_up{host="ups1",interface="eth0"} 1
        mcastd_peer_up{host="a\"b\\c\nd"} NaN
        # HELP mcastd_reading_celsius Reading of a host in degrees Celsius.
        # TYPE mcastd_reading_celsius gauge
        mcastd_reading_celsius{host="r",key="temp.inlet"} -0.5

        """#)
  }

  @Test("OpenMetrics has families without the suffix of their type, units, and an end")
  func openMetrics() {
    let text = String(decoding: MetricText.openMetrics.text(of: families), as: UTF8.self)
    #expect(text.contains("# TYPE mcastd_build info\nmcastd_build_info{"))
    #expect(
      text.contains(
        "# TYPE mcastd_datagrams_received counter\nmcastd_datagrams_received_total 9007199254740992"))
    #expect(text.contains("# TYPE mcastd_reading_celsius gauge\n# UNIT mcastd_reading_celsius celsius\n"))
    #expect(text.hasSuffix("\n# EOF\n"))
  }

  @Test("a metric that ends in a base unit has that unit, and no other has one")
  func units() {
    #expect(Metric.startTime.unit == "seconds")
    #expect(Metric.readingVoltAmperes.unit == "volt_amperes")
    #expect(Metric.readingAmperes.unit == "amperes")
    #expect(Metric.reading.unit == nil)
    #expect(Metric.received.unit == nil)
  }

  @Test("JSON says what the text says: samples come back as they were")
  func json() throws {
    for family in families {
      let decoded = try JSONDecoder().decode(MetricFamily.self, from: JSONEncoder().encode(family))
      #expect(decoded == family)
    }
  }
}
