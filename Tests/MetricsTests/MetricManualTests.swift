// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Metrics

struct MetricManualTests {
  @Test("mcastd(8) has every metric with its labels and what it says, in their order, and no other")
  func manual() throws {
    let lines = try SourceTree.lines("packaging/man/mcastd.8.scd")
    let entries = lines.indices.filter { lines[$0].hasPrefix("*mcastd_") }.map { place in
      let text = lines[(place + 1)...].prefix { $0.hasPrefix("\t") }.map { $0.dropFirst() }
      return [String(lines[place]), text.joined(separator: " ")]
    }
    #expect(entries == Metric.allCases.map { ["*\($0.rawValue)*\($0.manualLabels)", $0.help] })
  }
}

extension Metric {
  /// ` (_host_ or _address_, _interface_)`
  fileprivate var manualLabels: String {
    guard !labels.isEmpty else { return "" }
    let names = labels.map { "_\($0)_" }.joined(separator: ", ")
    return " (" + names.replacing("_host_, _address_", with: "_host_ or _address_") + ")"
  }
}
