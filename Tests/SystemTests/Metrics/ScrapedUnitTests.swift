// SPDX-License-Identifier: Apache-2.0

import Testing

extension SystemTests {
  /// A real Prometheus on the network of a booted Debian, which scrapes what systemd starts.
  @Suite("Prometheus scrapes the socket unit", .package)
  struct ScrapedUnitTests {
    private static let address = "127.0.0.1:9090"

    @Test("it is up while the daemon runs, and down while that is stopped", arguments: DebianRelease.tested)
    func scraped(release: DebianRelease) async throws {
      let container = try Container.packaged(on: release)
      let directory = "\(try TestRun.current.get().directory)/prometheus-\(release.rawValue)"
      let network = ["nsenter", "--target=\(container.leader)", "--net"]
      try await ChildProcess.run(
        ["install", "-D", "/dev/stdin", "\(directory)/prometheus.yml"],
        input: Array(
          """
          global: {scrape_interval: 200ms, scrape_timeout: 200ms}
          scrape_configs:
          - job_name: mcastd
            static_configs: [{targets: ["127.0.0.1:9505"]}]
          """.utf8)
      ).checked()
      try await container.systemctl("enable", "--now", "mcastd-metrics.socket")
      func value(_ query: String) async throws -> String? {
        let output = try await ChildProcess.run(
          network + ["promtool", "query", "instant", "http://\(Self.address)", query])
        return output.lines.first.flatMap { $0.split(separator: " ").dropLast().last.map(String.init) }
      }
      try await ChildProcess.running(
        network + [
          "prometheus", "--config.file=\(directory)/prometheus.yml", "--storage.tsdb.path=\(directory)",
          "--web.listen-address=\(Self.address)",
        ]
      ) { _ in
        try await eventually("the scrape succeeds") { try await value("up") == "1" ? () : nil }
        let version = try await container.run("mcastd", "--version").lines.first ?? ""
        #expect(try await value("mcastd_build_info{version=\"\(version)\"}") == "1")
        #expect(try await value("mcastd_peers{state=\"alive\"}") == "0")
        try await eventually("beats are counted") {
          try await value("rate(mcastd_heartbeats_sent_total[1m]) > 0")
        }
        try await container.systemctl("stop", "mcastd")
        try await eventually("the scrape fails") { try await value("up") == "0" ? () : nil }
        #expect(try await value("mcastd_build_info") == nil)
        try await container.systemctl("start", "mcastd")
        try await eventually("the scrape succeeds again") { try await value("up") == "1" ? () : nil }
      }
      try await container.systemctl("disable", "--now", "mcastd-metrics.socket")
      #expect(try await container.run("systemctl", "--failed", "--no-legend").lines == [])
    }
  }
}
