// SPDX-License-Identifier: Apache-2.0

/// A real Prometheus on the network of a host.
struct PrometheusServer: Sendable {
  private static let address = "127.0.0.1:9090"

  /// What a command is written behind to be on that network.
  private let network: [String]

  /// Runs one for the time of `body`.
  ///
  /// - Parameters:
  ///   - network: What a command is written behind to be on a host's network.
  ///   - rules: Path of a file of rules; nil for none.
  ///   - targets: Host and port by the name of the job.
  static func running(
    on network: [String], rules: String? = nil, targets: KeyValuePairs<String, String>,
    _ body: (PrometheusServer) async throws -> Void
  ) async throws {
    let run = try TestRun.current.get()
    let directory = "\(run.directory)/\(run.uniqueName("prometheus"))"
    let jobs = targets.map { "- {job_name: \($0.key), static_configs: [{targets: [\"\($0.value)\"]}]}\n" }
    let configuration = """
      global: {scrape_interval: 500ms, scrape_timeout: 500ms, evaluation_interval: 500ms}
      rule_files: [\(rules.map { "\"\($0)\"" } ?? "")]
      scrape_configs:
      \(jobs.joined())
      """
    try await ChildProcess.run(
      ["install", "-D", "/dev/stdin", "\(directory)/prometheus.yml"], input: Array(configuration.utf8)
    ).checked()
    try await ChildProcess.running(
      network + [
        "prometheus", "--config.file=\(directory)/prometheus.yml", "--storage.tsdb.path=\(directory)",
        "--web.listen-address=\(address)",
      ]
    ) { _ in try await body(PrometheusServer(network: network)) }
  }

  /// The first value that a query has now; nil for none, and while nobody answers.
  func value(_ query: String) async throws -> String? {
    let output = try await ChildProcess.run(
      network + ["promtool", "query", "instant", "http://\(Self.address)", query])
    return output.lines.first.flatMap { $0.split(separator: " ").dropLast().last.map(String.init) }
  }

  /// Waits until a query has a value.
  func has(_ wanted: String, _ query: String) async throws {
    var last: String?
    try await eventually("\(query) is \(wanted), but \(last ?? "nothing")", within: .seconds(20)) {
      last = try await value(query)
      return last == wanted ? () : nil
    }
  }
}
