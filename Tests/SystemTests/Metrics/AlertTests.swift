// SPDX-License-Identifier: Apache-2.0

import Testing

extension SystemTests {
  /// Metrics and alerts of real daemons on a wire, by a real Prometheus and a real node_exporter.
  struct AlertTests {
    private static let port = "9505"

    /// A host whose daemon writes metrics.prom, and another one without a daemon.
    private func withHosts(
      _ body: (_ judge: NetworkNamespace, _ directory: String, _ other: NetworkNamespace) async throws -> Void
    ) async throws {
      try await Bridge.with(hosts: 2) { bridge in
        try await RuntimeDirectory.with { directory in
          let options = ["--interface=eth0", "--name=judge", "--interval=200ms", "--metrics-interval=1s"]
          try await bridge.hosts[0].daemon(options, environment: ["RUNTIME_DIRECTORY": directory]) { daemon in
            try await daemon.event(EventID.started)
            try await body(bridge.hosts[0], directory, bridge.hosts[1])
          }
        }
      }
    }

    /// Runs ups1 on a host for the time of `body`, and kills it then.
    private func withPeer(on host: NetworkNamespace, _ body: () async throws -> Void) async throws {
      try await host.daemon("--interface=eth0", "--name=ups1", "--interval=200ms") { daemon in
        try await daemon.event(EventID.started)
        try await body()
      }
    }

    @Test("an alert fires when a peer is killed, and ends when it is back")
    func silent() async throws {
      try await withHosts { judge, directory, other in
        let scrape = "\(Repository.binary) metrics --http --control \(directory)/io.mcastd"
        // In place of the socket unit, which MetricsSocketTests have.
        let listen = "TCP-LISTEN:\(Self.port),bind=127.0.0.1,reuseaddr,fork"
        try await judge.running("socat", listen, "EXEC:\(scrape)") { _ in
          try await PrometheusServer.running(
            on: ["ip", "netns", "exec", judge.name],
            rules: Repository.path("/packaging/prometheus/mcastd-alerts.yml"),
            targets: ["mcastd": "127.0.0.1:\(Self.port)"]
          ) { prometheus in
            let up = "mcastd_peer_up{host=\"ups1\",interface=\"eth0\"}"
            let fires = "count(ALERTS{alertname=\"McastdPeerSilent\",alertstate=\"firing\",host=\"ups1\"})"
            try await withPeer(on: other) {
              try await prometheus.has("1", up)
              #expect(try await prometheus.value(fires) == nil)
            }
            try await prometheus.has("1", fires)
            #expect(try await prometheus.value(up) == "0")
            try await withPeer(on: other) {
              try await prometheus.has("1", up)
              try await eventually("the alert ends", within: .seconds(20)) {
                try await prometheus.value(fires) == nil ? () : nil
              }
            }
          }
        }
      }
    }

    @Test("node_exporter reads the file by a link, and says when it is gone")
    func textfile() async throws {
      try await withHosts { judge, directory, other in
        try await withPeer(on: other) {
          let files = "\(directory)/textfiles"
          try await ChildProcess.run(["mkdir", files]).checked()
          try await ChildProcess.run(["ln", "-s", "\(directory)/metrics.prom", "\(files)/mcastd.prom"])
            .checked()
          try await judge.running(
            "prometheus-node-exporter", "--web.listen-address=127.0.0.1:9100", "--collector.disable-defaults",
            "--collector.textfile", "--collector.textfile.directory=\(files)"
          ) { _ in
            func scraped() async throws -> [String] {
              try await judge.run(
                "python3", "-c",
                "import urllib.request as u; print(u.urlopen('http://127.0.0.1:9100/metrics').read().decode())"
              ).lines
            }
            let lines = try await eventually("the peer is in it") {
              let lines = try await scraped()
              return lines.contains(#"mcastd_peer_up{host="ups1",interface="eth0"} 1"#) ? lines : nil
            }
            #expect(lines.contains("node_textfile_scrape_error 0"))
            #expect(
              lines.contains { $0.hasPrefix("node_textfile_mtime_seconds{file=\"\(files)/mcastd.prom\"} ") })
            try await ChildProcess.run(["ln", "-sf", "\(directory)/gone", "\(files)/mcastd.prom"]).checked()
            let after = try await scraped()
            #expect(after.contains("node_textfile_scrape_error 1"))
            #expect(!after.contains { $0.hasPrefix("mcastd_") })
          }
        }
      }
    }
  }
}
