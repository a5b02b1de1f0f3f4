// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Metrics

struct MetricTableTests {
  private func host(_ name: String, isTrusted: Bool = false, samples: Int = 3) -> MetricTable.Host {
    var host = MetricTable.Host(name, isTrusted: isTrusted)
    for number in 0..<samples {
      host.add(.readingKnown, MetricLabels(["host": name, "key": "k.\(number)"]), 1)
    }
    return host
  }

  private func hosts(_ families: [MetricFamily]) -> [String] {
    families.first { $0.name == Metric.readingKnown.rawValue }?.samples.compactMap { $0.labels["host"] } ?? []
  }

  private func leftOut(_ families: [MetricFamily]) -> Double? {
    families.first { $0.name == Metric.leftOut.rawValue }?.samples.first?.value
  }

  @Test("metrics come in the order of the table, and those without a sample not at all")
  func order() {
    var table = MetricTable()
    table.add(host("a"))
    table.add(.sent, 2)
    table.add(.received, 1)
    #expect(
      table.finish().map(\.name) == [Metric.received, .sent, .leftOut, .readingKnown].map(\.rawValue))
  }

  @Test("of too many hosts those are shown that are trusted, then by name, each as a whole")
  func limit() {
    var table = MetricTable(limit: 10)
    table.add(.received, 1)
    for name in ["d", "b", "a", "c"] { table.add(host(name)) }
    table.add(host("z", isTrusted: true))
    let families = table.finish()
    #expect(hosts(families) == ["z", "z", "z", "a", "a", "a", "b", "b", "b"])
    #expect(leftOut(families) == 2)
  }

  @Test("whatever the order in which hosts come, the same are shown, and memory is bounded")
  func anyOrder() {
    let names = (0..<500).map { "h\($0)" }
    var results: Set<[String]> = []
    var random = SeededRandom(testSeed: 1)
    for _ in 0..<5 {
      var table = MetricTable(limit: 50)
      let order = names.shuffled(using: &random)
      for name in order { table.add(host(name, isTrusted: name.hasSuffix("7"), samples: 2)) }
      let families = table.finish()
      #expect(leftOut(families) == 475)
      results.insert(hosts(families))
    }
    #expect(results.count == 1)
    #expect(results.first?.count == 50)
    #expect(results.first?.allSatisfy { $0.hasSuffix("7") } == true)
  }

  @Test("a host with nothing to show takes no room and is not left out")
  func empty() {
    var table = MetricTable(limit: 1)
    table.add(MetricTable.Host("a", isTrusted: true))
    #expect(leftOut(table.finish()) == 0)
  }
}
