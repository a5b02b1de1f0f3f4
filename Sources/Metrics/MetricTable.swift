// SPDX-License-Identifier: Apache-2.0

/// Collects the samples of all metrics, of which there are only so many: names of hosts and keys come from
/// the network, and each is a series that Prometheus keeps for weeks.
///
/// What concerns the daemon itself and its rules is always there. Of hosts those come first that the
/// configuration names or that have a key, so that nobody who makes up names can push them out; then by name,
/// so that the same are left out each time.
package struct MetricTable: Sendable {
  /// Samples, those of the daemon itself and of rules included where these leave room.
  package static let limit = 10_000

  /// What one host has, which is shown as a whole or not.
  package struct Host: Sendable {
    /// Name or address.
    package var name: String
    /// Whether the configuration names it, or it has a key.
    package var isTrusted: Bool
    package var samples: [(metric: Metric, sample: MetricSample)] = []

    package init(_ name: String, isTrusted: Bool) { (self.name, self.isTrusted) = (name, isTrusted) }

    package mutating func add(_ metric: Metric, _ labels: MetricLabels, _ value: Double?) {
      samples.append((metric, MetricSample(labels, value)))
    }

    fileprivate static func comesFirst(_ one: Host, _ other: Host) -> Bool {
      one.isTrusted == other.isTrusted ? one.name < other.name : one.isTrusted
    }
  }

  private let limit: Int
  private var families = [[MetricSample]](repeating: [], count: Metric.allCases.count)
  /// Samples in `families`.
  private var count = 0
  private var hosts: [Host] = []
  /// Samples in `hosts`.
  private var hostCount = 0
  private var leftOut = 0

  /// - Parameter limit: Of samples.
  package init(limit: Int = limit) { self.limit = limit }

  /// Adds the only sample of a metric.
  package mutating func add(_ metric: Metric, _ value: Double?) { add(metric, .none, value) }

  /// Adds a sample that is always there.
  package mutating func add(_ metric: Metric, _ labels: MetricLabels, _ value: Double?) {
    families[metric.place].append(MetricSample(labels, value))
    count += 1
  }

  /// Adds what a host has, if there is room. A host may be added in parts.
  package mutating func add(_ host: Host) {
    guard !host.samples.isEmpty else { return }
    hosts.append(host)
    hostCount += host.samples.count
    // Memory is bounded as well, whatever the number of hosts.
    if hostCount > 2 * limit { leaveOut() }
  }

  private mutating func leaveOut() {
    hosts.sort(by: Host.comesFirst)
    var room = max(0, limit - count)
    let kept = hosts.prefix { host in
      room -= host.samples.count
      return room >= 0
    }
    leftOut += hosts.count - kept.count
    hosts = Array(kept)
    hostCount = hosts.reduce(0) { $0 + $1.samples.count }
  }

  /// All metrics that have samples, in the order of `Metric`.
  package consuming func finish() -> [MetricFamily] {
    leaveOut()
    add(.leftOut, Double(leftOut))
    for host in hosts {
      for (metric, sample) in host.samples { families[metric.place].append(sample) }
    }
    return zip(Metric.allCases, families).filter { !$1.isEmpty }.map { MetricFamily($0, $1) }
  }
}

extension Metric {
  private static let places = Dictionary(uniqueKeysWithValues: allCases.enumerated().map { ($1, $0) })

  fileprivate var place: Int { Self.places[self] ?? 0 }
}
