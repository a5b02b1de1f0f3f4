// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Testing

extension SystemTests {
  /// Metrics as the package brings them: off, and on by `systemctl enable --now`.
  @Suite("metrics of the package on Debian 12 and 13", .package)
  struct MetricsSocketTests {
    @Test(
      "nothing listens and no file is written until somebody asks for it", arguments: DebianRelease.tested)
    func off(release: DebianRelease) async throws {
      let container = try Container.packaged(on: release)
      for unit in ["mcastd-metrics.socket", "mcastd-report.socket"] {
        #expect(try await container.run("systemctl", "is-enabled", unit).lines == ["disabled"])
        #expect(try await container.run("systemctl", "is-active", unit).lines == ["inactive"])
      }
      #expect(try await !container.run("test", "-e", "/run/mcastd/metrics.prom").succeeded)
    }

    @Test(
      "systemd has nothing to say of the units, and they are exposed to 1.0 at most",
      arguments: ["mcastd-metrics", "mcastd-report"], DebianRelease.tested)
    func units(name: String, release: DebianRelease) async throws {
      let container = try Container.packaged(on: release)
      for unit in ["\(name).socket", "\(name)@.service"] {
        let output = try await container.run(
          "systemd-analyze", "verify", "--man=no", "/usr/lib/systemd/system/\(unit)")
        #expect(output.succeeded && output.text + output.errorText == "", "\(output)")
      }
      let security = try await container.run(
        "systemd-analyze", "security", "--no-pager", "--threshold=10", "\(name)@1.service")
      #expect(security.succeeded, "\(security)")
    }

    @Test("a scrape is answered, in the format that is asked for", arguments: DebianRelease.tested)
    func scrape(release: DebianRelease) async throws {
      let start = try await Container.packaged(on: release).journalEnd()
      try await serving("mcastd-metrics.socket", on: release) { container in
        let plain = try await container.http("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(plain.status == 200)
        let version = try await container.run("mcastd", "--version").lines.first ?? ""
        #expect(plain.body.contains("\nmcastd_build_info{version=\"\(version)\"} 1\n"))
        #expect(plain.body.contains("\n# TYPE mcastd_datagrams_received_total counter\n"))
        #expect(plain.head.contains("Content-Length: \(plain.body.utf8.count)\r\n"))
        let open = try await container.http(
          "GET /metrics HTTP/1.1\r\nAccept: application/openmetrics-text\r\n\r\n")
        #expect(open.body.contains("\n# TYPE mcastd_datagrams_received counter\n"))
        #expect(open.body.hasSuffix("\n# EOF\n"))
        // promtool reads the first of the two alone, and Prometheus (AlertTests) asks for the second.
        let checked = try await ChildProcess.run(
          ["promtool", "check", "metrics"], input: Array(plain.body.utf8))
        #expect(checked.succeeded && checked.text + checked.errorText == "", "\(checked)")
      }
      // The socket's own entries are there by now, and those of its services would be before them.
      let container = try Container.packaged(on: release)
      try await container.entries(2, after: start, "UNIT=mcastd-metrics.socket")
      let scrapes = try await container.journal(after: start).filter { entry in
        [entry["UNIT"], entry["_SYSTEMD_UNIT"]].contains { $0?.hasPrefix("mcastd-metrics@") == true }
      }
      #expect(scrapes.map(\.message) == [])
    }

    @Test("what is no scrape is refused, and leaves no failed unit", arguments: DebianRelease.tested)
    func refused(release: DebianRelease) async throws {
      try await serving("mcastd-metrics.socket", on: release) { container in
        #expect(try await container.http("\u{1}\u{2}\r\n\r\n").status == 400)
        #expect(try await container.http("GET /etc/passwd HTTP/1.1\r\n\r\n").status == 404)
        #expect(try await container.http("POST /metrics HTTP/1.1\r\n\r\n").status == 405)
        let long = String(repeating: "a", count: 9000)
        #expect(try await container.http("GET /\(long) HTTP/1.1\r\n\r\n").status == 431)
        // A caller that hangs up at once.
        try await container.run("bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/9505").checked()
        try await eventually("no scrape is left") {
          try await container.run("systemctl", "list-units", "--all", "--no-legend", "mcastd-metrics@*")
            .lines.isEmpty ? () : nil
        }
      }
    }

    @Test("a scrape fails where the daemon does not answer", arguments: DebianRelease.tested)
    func unavailable(release: DebianRelease) async throws {
      try await serving("mcastd-metrics.socket", on: release) { container in
        try await container.systemctl("stop", "mcastd")
        let reply = try await container.http("GET /metrics HTTP/1.1\r\n\r\n")
        #expect(reply.status == 503)
        #expect(reply.body.contains("/run/mcastd/io.mcastd"))
        try await container.systemctl("start", "mcastd")
        #expect(try await container.http("GET /metrics HTTP/1.1\r\n\r\n").status == 200)
      }
    }

    @Test(
      "a real Prometheus has it up while the daemon runs, and down while that is stopped",
      arguments: DebianRelease.tested)
    func scraped(release: DebianRelease) async throws {
      try await serving("mcastd-metrics.socket", on: release) { container in
        try await PrometheusServer.running(
          on: ["nsenter", "--target=\(container.leader)", "--net"], targets: ["mcastd": "127.0.0.1:9505"]
        ) { prometheus in
          try await prometheus.has("1", "up")
          let version = try await container.run("mcastd", "--version").lines.first ?? ""
          #expect(try await prometheus.value("mcastd_build_info{version=\"\(version)\"}") == "1")
          #expect(try await prometheus.value("mcastd_peers{state=\"alive\"}") == "0")
          try await eventually("beats are counted") {
            try await prometheus.value("rate(mcastd_heartbeats_sent_total[1m]) > 0")
          }
          try await container.systemctl("stop", "mcastd")
          try await prometheus.has("0", "up")
          #expect(try await prometheus.value("mcastd_build_info") == nil)
          try await container.systemctl("start", "mcastd")
          try await prometheus.has("1", "up")
        }
      }
    }

    @Test(
      "the file is written as often as is asked for, and is gone where it is not",
      arguments: DebianRelease.tested)
    func file(release: DebianRelease) async throws {
      let container = try Container.packaged(on: release)
      let path = "/run/mcastd/metrics.prom"
      let configuration = "/etc/mcastd/mcastd.conf.d/metrics.conf"
      try await container.write("metrics.interval=1s\n", to: configuration)
      try await container.systemctl("reload", "mcastd")
      func sent() async throws -> Int? {
        let line = try await container.run("grep", "^mcastd_heartbeats_sent_total ", path).lines.first
        return line?.split(separator: " ").last.flatMap { Int($0) }
      }
      let first = try #require(try await sent())
      try await eventually("it is written again") { try await sent().flatMap { $0 > first ? () : nil } }
      #expect(try await container.run("stat", "--format=%a %U", path).lines == ["644 mcastd"])
      try await container.run("rm", configuration).checked()
      try await container.systemctl("reload", "mcastd")
      #expect(try await !container.run("test", "-e", path).succeeded)
    }

    @Test(
      "Debian 13's varlinkctl reads io.systemd.Metrics", .enabled(if: DebianRelease.tested.contains(.trixie)))
    func report() async throws {
      try await serving("mcastd-report.socket", on: .trixie) { container in
        let socket = "/run/systemd/report/io.mcastd"
        func call(_ method: String) async throws -> [String] {
          try await container.run(
            "varlinkctl", "--json=short", "--more", "call", socket, "io.systemd.Metrics.\(method)", "{}"
          ).checked().lines
        }
        let metrics = try await call("List")
        #expect(
          metrics.contains { $0.contains(#"{"name":"io.mcastd.HeartbeatsSent","value":"#) }, "\(metrics)")
        #expect(metrics.contains { $0.contains(#""fields":{"condition":"no-carrier"}"#) }, "\(metrics)")
        let described = try await call("Describe")
        #expect(
          described.contains { $0.contains("io.mcastd.HeartbeatsSent") && $0.contains(#""type":"counter""#) })
        let interface = try await container.run("varlinkctl", "introspect", socket, "io.systemd.Metrics")
          .checked()
        #expect(interface.text.contains("method Describe("))
        let information = try await container.run("varlinkctl", "--json=short", "info", socket).checked()
        #expect(information.text.contains("io.systemd.Metrics"))
      }
    }

    /// Runs `body` while a socket is enabled and listens.
    private func serving(
      _ socket: String, on release: DebianRelease, _ body: (Container) async throws -> Void
    ) async throws {
      let container = try Container.packaged(on: release)
      try await container.systemctl("enable", "--now", socket)
      do { try await body(container) } catch {
        _ = try? await container.systemctl("disable", "--now", socket)
        throw error
      }
      try await container.systemctl("disable", "--now", socket)
      #expect(try await container.run("systemctl", "--failed", "--no-legend").lines == [])
    }
  }
}

extension Container {
  fileprivate struct Reply {
    var status: Int?
    var head: String
    var body: String
  }

  /// Sends a request to port 9505 of the container, and reads to the end of the connection.
  fileprivate func http(_ request: String) async throws -> Reply {
    let text = try await run(
      "bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/9505; cat >&3; cat <&3", input: Array(request.utf8)
    ).checked().text
    let end = text.firstRange(of: "\r\n\r\n")
    let head = String(text[..<(end?.upperBound ?? text.startIndex)])
    return Reply(
      status: head.split(separator: " ").dropFirst().first.flatMap { Int($0) }, head: head,
      body: String(text[(end?.upperBound ?? text.startIndex)...]))
  }
}
