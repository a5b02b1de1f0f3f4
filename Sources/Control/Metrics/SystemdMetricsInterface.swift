// SPDX-License-Identifier: Apache-2.0

import Metrics
import Platform
import Varlink

/// `io.systemd.Metrics`, by which systemd-report(1) collects what services count (systemd 260 and later).
package enum SystemdMetricsInterface {
  static let name = "io.systemd.Metrics"
  /// The name of the socket in /run/systemd/report, which all metrics begin with.
  package static let source = "io.mcastd"

  /// The methods; the raw values are their names in the description.
  enum Method: String, CaseIterable {
    case list = "List"
    case describe = "Describe"
  }

  /// There is nothing to list.
  private static let noSuchMetric = "\(name).NoSuchMetric"

  /// The service of one process.
  ///
  /// - Parameter metrics: Asks the daemon; may block.
  static func service(
    _ metrics: @escaping @Sendable () throws(VarlinkClientError) -> [MetricFamily]
  ) -> VarlinkService {
    let interface = VarlinkInterface(
      name: name, description: description,
      methods: [
        VarlinkMethod(Method.list.rawValue, limit: limit) { (_, replies) throws(VarlinkError) in
          try send(
            try families(metrics).flatMap { SystemdMetric.metrics(of: $0, source: source) }, to: replies)
        },
        VarlinkMethod(Method.describe.rawValue, limit: limit) { (_, replies) throws(VarlinkError) in
          try send(try families(metrics).map { SystemdMetricDescription($0, source: source) }, to: replies)
        },
      ])
    return VarlinkService(
      vendor: "mcastd", product: "mcastd", version: Version.current, url: Program.documentation,
      interfaces: [interface])
  }

  /// Bytes of replies that wait for the caller: `MetricTable.limit` of the longest fit.
  private static let limit = 16 << 20

  private static func families(
    _ metrics: () throws(VarlinkClientError) -> [MetricFamily]
  ) throws(VarlinkError) -> [MetricFamily] {
    do throws(VarlinkClientError) { return try metrics() } catch {
      Console.printError("\(error)")
      throw VarlinkError(noSuchMetric)
    }
  }

  private static func send(_ items: [some Encodable], to replies: VarlinkReplies) throws(VarlinkError) {
    let encoded = items.compactMap { VarlinkParameters($0) }
    guard let last = encoded.last else { throw VarlinkError(noSuchMetric) }
    for item in encoded.dropLast() { replies.send(VarlinkContinuedReply(item)) }
    replies.finish(with: last)
  }

  /// In Varlink's language. What is `any` there is `object` here, which systemd 257 reads as well.
  static let description = """
    # What a service counts and measures.
    interface io.systemd.Metrics

    # counter: only grows. string: is a text.
    type MetricFamilyType (counter, gauge, string)

    # A reply for each metric, to a call with more. value: a number or a text. object: what it is of.
    method List() -> (name: string, value: object, object: ?string, fields: ?[string]object)

    # A reply for each name of metrics, to a call with more.
    method Describe() -> (name: string, description: string, type: MetricFamilyType)

    # There are no metrics: the daemon does not answer.
    error NoSuchMetric ()

    """
}
