// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import TestSupport
import Testing

@testable import Metrics

/// `packaging/prometheus` against the table of metrics and the catalog.
struct AlertFilesTests {
  private static let directory = "packaging/prometheus"

  private struct Alert {
    var name: String
    var summary = ""
    var messageID: String?
  }

  private let alerts: [Alert]

  init() throws {
    var alerts: [Alert] = []
    for line in try SourceTree.lines("\(Self.directory)/mcastd-alerts.yml") {
      let parts = line.split(separator: ": ", maxSplits: 1).map { $0.drop { $0 == " " } }
      guard parts.count == 2 else { continue }
      switch parts[0] {
      case "- alert": alerts.append(Alert(name: String(parts[1])))
      case "summary": alerts[alerts.count - 1].summary = parts[1].trimmingQuotes
      case "message_id": alerts[alerts.count - 1].messageID = String(parts[1])
      default: break
      }
    }
    try #require(alerts.count > 15)
    self.alerts = alerts
  }

  @Test(
    "alerts and dashboard ask for metrics that there are, by labels that these have",
    arguments: ["mcastd-alerts.yml", "mcastd-alerts-test.yml", "mcastd-dashboard.json"])
  func names(file: String) throws {
    let text = try SourceTree.read("\(Self.directory)/\(file)").replacing("\\\"", with: "\"")
    let own: Set<String> = ["job", "instance"]
    var count = 0
    for match in text.matches(of: /\b(mcastd_[a-z_]+)(?:\{([^}]*)\})?/) {
      let metric = try #require(Metric(rawValue: String(match.1)), "\(match.0)")
      for label in (match.2 ?? "").matches(of: /([a-z_]+)(?:=~|!=|=)"/) {
        #expect(own.contains(String(label.1)) || metric.labels.contains(String(label.1)), "\(match.0)")
      }
      count += 1
    }
    #expect(count > 15)
  }

  @Test("the dashboard shows every metric, or what it is made of")
  func complete() throws {
    let text = try SourceTree.read("\(Self.directory)/mcastd-dashboard.json")
    for metric in Metric.allCases where metric != .peerLastHeard {
      #expect(text.contains(metric.rawValue), "\(metric)")
    }
  }

  @Test("the summary of an alert is a sentence of the entry in the catalog that it names")
  func summaries() throws {
    let catalog = try SourceTree.read("systemd/mcastd.catalog")
    for alert in alerts {
      guard let id = alert.messageID else { continue }
      let start = try #require(catalog.firstRange(of: "-- \(id)\n"), "\(alert.name): no entry \(id)")
        .upperBound
      let entry = catalog[start...].prefix(while: { $0 != "#" }).replacing("Subject: ", with: "")
        .split { $0.isWhitespace }.joined(separator: " ").replacing(/@[A-Z_]+@/, with: "…")
      let summary = alert.summary.replacing(/\{\{.*?\}\}/, with: "…").replacing("……", with: "…")
      #expect(entry.contains(summary), "\(alert.name): \(summary)")
    }
    #expect(alerts.count { $0.messageID == nil } == 8)
  }

  @Test("every alert has a case in which it fires, and one in which it does not")
  func cases() throws {
    let cases = try SourceTree.read("\(Self.directory)/mcastd-alerts-test.yml")
    for alert in alerts {
      #expect(cases.contains("alertname: \(alert.name)\n        exp_alerts:\n"), "\(alert.name) fires")
      #expect(cases.contains("alertname: \(alert.name)\n        exp_alerts: []\n"), "\(alert.name) does not")
    }
  }

  /// What of a dashboard Prometheus is asked.
  private struct Dashboard: Decodable {
    struct Panel: Decodable {
      struct Target: Decodable { var expr: String }
      var id: Int
      var title: String
      var type: String
      var description: String?
      var targets: [Target]?
    }
    var panels: [Panel]
  }

  @Test("each panel of the dashboard has a number of its own, says what it shows, and asks something")
  func panels() throws {
    let text = try SourceTree.read("\(Self.directory)/mcastd-dashboard.json")
    let panels = try JSONDecoder().decode(Dashboard.self, from: Data(text.utf8)).panels
    #expect(Set(panels.map(\.id)).count == panels.count)
    for panel in panels where panel.type != "row" {
      #expect(panel.description?.isEmpty == false && panel.targets?.isEmpty == false, "\(panel.title)")
    }
  }
}

extension StringProtocol {
  /// Without a pair of quotation marks around it.
  fileprivate var trimmingQuotes: String {
    guard let first, first == last, first == "\"" || first == "'" else { return String(self) }
    return String(dropFirst().dropLast())
  }
}
