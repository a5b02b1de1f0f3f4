// SPDX-License-Identifier: Apache-2.0

import Platform

/// Metrics as text that is scraped, in one of two formats that cannot be one: the names of counters and the
/// types that there are differ (prometheus.io, "Exposition formats"; OpenMetrics 1.0).
///
/// Without times of samples, which node_exporter's textfile collector refuses.
package enum MetricText: Sendable {
  /// Prometheus' text format 0.0.4.
  case prometheus
  /// OpenMetrics 1.0.
  case openMetrics

  /// The format's media type (RFC 9110, 8.3).
  package var contentType: String {
    switch self {
    case .prometheus: "text/plain; version=0.0.4; charset=utf-8"
    case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
    }
  }

  /// The text of metrics, UTF-8.
  package func text(of families: [MetricFamily]) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(families.reduce(0) { $0 + 128 + 96 * $1.samples.count })
    for family in families { append(family, to: &text) }
    if self == .openMetrics { text += "# EOF\n".utf8 }
    return text
  }

  private func append(_ family: MetricFamily, to text: inout [UInt8]) {
    let name = name(of: family)
    text += "# HELP \(name) ".utf8
    Self.append(family.help, quoted: self == .openMetrics, to: &text)
    text += "\n# TYPE \(name) \(type(of: family.type))\n".utf8
    if self == .openMetrics, !family.unit.isEmpty { text += "# UNIT \(name) \(family.unit)\n".utf8 }
    for sample in family.samples {
      text += family.name.utf8
      Self.append(sample.labels, to: &text)
      text.append(UInt8(ascii: " "))
      text += Self.number(sample.value).utf8
      text.append(UInt8(ascii: "\n"))
    }
  }

  /// The family's name, which in OpenMetrics is that of its samples without the suffix of their type.
  private func name(of family: MetricFamily) -> String {
    guard self == .openMetrics else { return family.name }
    switch family.type {
    case .counter: return Self.dropping("_total", from: family.name)
    case .info: return Self.dropping("_info", from: family.name)
    case .gauge, .state: return family.name
    }
  }

  static func dropping(_ suffix: String, from name: String) -> String {
    name.hasSuffix(suffix) ? String(name.dropLast(suffix.count)) : name
  }

  private func type(of kind: MetricFamily.Kind) -> String {
    switch kind {
    case .counter: "counter"
    // A state set of OpenMetrics has a sample for each state that there is.
    case .gauge, .state: "gauge"
    case .info: self == .openMetrics ? "info" : "gauge"
    }
  }

  private static func append(_ labels: MetricLabels, to text: inout [UInt8]) {
    guard !labels.labels.isEmpty else { return }
    var separator = UInt8(ascii: "{")
    for label in labels.labels {
      text.append(separator)
      separator = UInt8(ascii: ",")
      text += label.name.utf8
      text += "=\"".utf8
      append(label.value, quoted: true, to: &text)
      text.append(UInt8(ascii: "\""))
    }
    text.append(UInt8(ascii: "}"))
  }

  /// - Parameter quoted: Whether quotation marks are escaped as well.
  private static func append(_ value: String, quoted: Bool, to text: inout [UInt8]) {
    for byte in value.utf8 {
      switch byte {
      case UInt8(ascii: "\\"): text += #"\\"#.utf8
      case UInt8(ascii: "\n"): text += #"\n"#.utf8
      case UInt8(ascii: "\"") where quoted: text += #"\""#.utf8
      default: text.append(byte)
      }
    }
  }

  /// A whole number without a fraction; `NaN` for what is not known.
  private static func number(_ value: Double?) -> String {
    guard let value else { return "NaN" }
    return Int64(exactly: value).map { "\($0)" } ?? "\(value)"
  }
}
