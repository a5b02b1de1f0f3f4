// SPDX-License-Identifier: Apache-2.0

/// A metric as `io.systemd.Metrics` has it (systemd-report(1)): names in CamelCase that begin with that of
/// the socket, and no metric without a value.
package struct SystemdMetric: Encodable, Sendable {
  /// A number or a text.
  enum Value: Equatable, Sendable {
    case number(Double)
    case text(String)
  }

  let name: String
  let value: Value
  /// What it is of: a host, a rule.
  let object: String?
  let fields: MetricLabels

  /// The metrics of a family; none for what is not known.
  ///
  /// - Parameter source: The name of the socket.
  package static func metrics(of family: MetricFamily, source: String) -> [SystemdMetric] {
    let name = name(of: family, source: source)
    return family.samples.compactMap { sample in
      var fields = sample.labels
      let value: Value
      switch family.type {
      case .counter, .gauge:
        guard let number = sample.value else { return nil }
        value = .number(number)
      case .info, .state:
        guard let label = fields.labels.last(where: { textLabels.contains($0.name) }) else { return nil }
        value = .text(label.value)
        fields = fields.without(label.name)
      }
      let object = fields.labels.first { objectLabels.contains($0.name) }
      return SystemdMetric(
        name: name, value: value, object: object?.value,
        fields: object.map { fields.without($0.name) } ?? fields)
    }
  }

  /// Labels that are the value of a text.
  private static let textLabels: Set<String> = ["state", "version"]
  /// Labels that say what a metric is of. A host has a name or an address.
  private static let objectLabels: Set<String> = ["address", "host", "rule"]

  /// `io.mcastd.DatagramsReceived` of `mcastd_datagrams_received_total`.
  static func name(of family: MetricFamily, source: String) -> String {
    let words = MetricText.dropping("_total", from: family.name).split(separator: "_").dropFirst()
    return "\(source)." + words.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
  }

  private enum Key: CodingKey {
    case name, value, object, fields
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(name, forKey: .name)
    switch value {
    case .text(let text): try container.encode(text, forKey: .value)
    case .number(let number):
      if let whole = Int64(exactly: number) {
        try container.encode(whole, forKey: .value)
      } else {
        try container.encode(number, forKey: .value)
      }
    }
    try container.encodeIfPresent(object, forKey: .object)
    if !fields.labels.isEmpty { try container.encode(fields, forKey: .fields) }
  }
}

/// What a metric is, as `io.systemd.Metrics` describes it.
package struct SystemdMetricDescription: Encodable, Sendable {
  let name: String
  let description: String
  /// `counter`, `gauge` or `string`.
  let type: String

  /// - Parameter source: The name of the socket.
  package init(_ family: MetricFamily, source: String) {
    name = SystemdMetric.name(of: family, source: source)
    description = family.help
    switch family.type {
    case .counter: type = "counter"
    case .gauge: type = "gauge"
    case .info, .state: type = "string"
    }
  }
}
