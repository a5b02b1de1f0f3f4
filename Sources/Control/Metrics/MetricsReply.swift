// SPDX-License-Identifier: Apache-2.0

import Metrics

/// The reply to `GetMetrics`.
package struct MetricsReply: Codable, Sendable, Equatable {
  package var metrics: [MetricFamily]

  /// The name of the list, which may be long and is encoded one metric at a time.
  package static let list = "metrics"

  package init(metrics: [MetricFamily]) { self.metrics = metrics }
}
