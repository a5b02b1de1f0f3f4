// SPDX-License-Identifier: Apache-2.0

/// A metric with its samples, as it goes to who shows it. Its JSON is that of `GetMetrics`.
package struct MetricFamily: Codable, Equatable, Sendable {
  /// What kind of value it is; the raw values are those of `GetMetrics`.
  package enum Kind: String, Codable, CaseIterable, Sendable {
    /// It only grows, from 0 at the start of the daemon.
    case counter
    case gauge
    /// Text, in its labels.
    case info
    /// The word that is the label `state`, one at a time.
    case state
  }

  /// As of Prometheus' text format.
  package var name: String
  package var type: Kind
  /// The base unit that the name ends in, before `_total`; empty for none.
  package var unit: String
  /// One sentence.
  package var help: String
  package var samples: [MetricSample]

  package init(_ metric: Metric, _ samples: [MetricSample]) {
    (name, type, unit, help) = (metric.rawValue, metric.kind, metric.unit ?? "", metric.help)
    self.samples = samples
  }
}

/// One value of a metric.
package struct MetricSample: Codable, Equatable, Sendable {
  package var labels: MetricLabels
  /// Nil where it is not known.
  package var value: Double?

  package init(_ labels: MetricLabels, _ value: Double?) {
    (self.labels, self.value) = (labels, value)
  }
}

/// What tells a sample from others of its metric: names with values, none of them empty, in the order of the
/// names. JSON: an object.
package struct MetricLabels: Equatable, Sendable {
  package struct Label: Equatable, Sendable {
    package var name: String
    package var value: String
  }

  package let labels: [Label]

  /// No labels.
  package static let none = MetricLabels([:])

  /// - Parameter labels: Names `[a-z_]+`, each once; one without a value is left out, which is the same.
  package init(_ labels: KeyValuePairs<String, String>) {
    self.init(labels.map { Label(name: $0.key, value: $0.value) })
  }

  private init(_ labels: [Label]) {
    self.labels = labels.filter { !$0.value.isEmpty }.sorted { $0.name < $1.name }
  }

  /// The value of a label; nil where it has none.
  package subscript(name: String) -> String? { labels.first { $0.name == name }?.value }

  /// These without one of them.
  func without(_ name: String) -> MetricLabels { MetricLabels(labels.filter { $0.name != name }) }
}

extension MetricLabels: Codable {
  private struct Name: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  package init(from decoder: any Decoder) throws {
    let values = try decoder.singleValueContainer().decode([String: String].self)
    self.init(values.map { Label(name: $0.key, value: $0.value) })
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Name.self)
    for label in labels { try container.encode(label.value, forKey: Name(stringValue: label.name)) }
  }
}
