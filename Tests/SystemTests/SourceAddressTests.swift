// SPDX-License-Identifier: Apache-2.0

import Testing

extension SystemTests {
  /// Addresses come and go on the interface that heartbeats leave from: to peers it stays the same host.
  struct SourceAddressTests {
    private static let interval = ["--interface", "eth0", "--interval", "100ms"]

    /// A group, and what happens to eth0 of the host that sends, step by step.
    struct Changes: Sendable, CustomTestStringConvertible {
      let testDescription: String
      var group = "ff15::4242"
      /// Before the daemon starts.
      var host: [String] = []
      /// Each leaves the address that is sent from where it is.
      var steps: [[String]]
      /// Takes that address away.
      var removal: [String]

      static let all = [
        Changes(
          testDescription: "IPv6: a VIP of the network, a VIP alone, a temporary address, deprecation",
          host: ["address add fd77::1/64 dev eth0"],
          steps: [
            ["address add fd77::aaaa/64 dev eth0 nodad"], ["address add fd77::bbbb/128 dev eth0"],
            ["address add fd78::1/64 dev eth0 mngtmpaddr valid_lft 7200 preferred_lft 3600"],
            ["address change fd77::1/64 dev eth0 preferred_lft 0"],
          ],
          removal: ["address del fd77::1/64 dev eth0"]),
        Changes(
          testDescription: "IPv6, link-local group: more link-local addresses", group: "ff02::4242",
          steps: [
            ["address add fe80::aaaa/64 dev eth0 nodad"], ["address add fe80::bbbb/64 dev eth0"],
          ],
          removal: ["address flush dev eth0 scope link", "address add fe80::cccc/64 dev eth0 nodad"]),
        Changes(
          testDescription: "IPv4: one of wider scope, and a second one of the network", group: "239.1.1.1",
          host: [
            "address flush dev eth0 scope global", "address add 10.77.0.1/24 dev eth0 scope link",
            "route add 224.0.0.0/4 dev eth0",
          ],
          steps: [["address add 10.79.0.1/24 dev eth0"], ["address add 10.77.0.9/24 dev eth0 scope link"]],
          removal: ["address del 10.77.0.1/24 dev eth0"]),
      ]
    }

    /// Two hosts, the first of which sends; the second hears it with a daemon, which judges it.
    private static func withHosts(
      _ changes: Changes, _ body: (Bridge, NetworkNamespace, Neighbour) async throws -> Void
    ) async throws {
      try await Bridge.with(hosts: 2) { bridge in
        let host = bridge.hosts[0]
        try await host.run("sysctl", "-qw", "net.ipv6.conf.eth0.use_tempaddr=2").checked()
        try await host.batch(changes.host)
        for host in bridge.hosts { try await host.settledAddresses() }
        try await bridge.hosts[1].daemon(interval + ["--group", changes.group]) { daemon in
          try await daemon.event(EventID.started)
          try await body(bridge, host, Neighbour(daemon: daemon))
        }
      }
    }

    private static func run(
      _ changes: Changes, on host: NetworkNamespace, directory: String,
      _ body: (Daemon) async throws -> Void
    ) async throws {
      try await host.daemon(
        interval + ["--group", changes.group], environment: ["RUNTIME_DIRECTORY": directory], body)
    }

    @Test("added addresses change nothing for peers, over a restart either", arguments: Changes.all)
    func added(changes: Changes) async throws {
      try await Self.withHosts(changes) { _, host, neighbour in
        try await RuntimeDirectory.with { directory in
          var first = ""
          try await Self.run(changes, on: host, directory: directory) { daemon in
            first = try await neighbour.source()
            for step in changes.steps {
              try await host.batch(step)
              let sources = try await neighbour.sources()
              #expect(sources == [first], "\(step)")
            }
            #expect(daemon.events(EventID.sendFailing) == [] && daemon.events(EventID.interfaceLost) == [])
            daemon.send(signal: 15)
            _ = try await daemon.process.exit()
          }
          try await Self.run(changes, on: host, directory: directory) { _ in
            let sources = try await neighbour.sources()
            #expect(sources == [first], "after a restart")
          }
          #expect(neighbour.daemon.events(EventID.peerSilent) == [])
          #expect(neighbour.daemon.events(EventID.networkSilent) == [])
        }
      }
    }

    @Test("where the address goes, heartbeats leave from another", arguments: Changes.all)
    func removed(changes: Changes) async throws {
      try await Self.withHosts(changes) { _, host, neighbour in
        try await RuntimeDirectory.with { directory in
          try await Self.run(changes, on: host, directory: directory) { daemon in
            let first = try await neighbour.source()
            for step in changes.steps { try await host.batch(step) }
            try await host.settledAddresses()
            let position = neighbour.daemon.lines.count
            try await host.batch(changes.removal)
            let next = try await neighbour.source(after: position) { $0 != first }
            let sources = try await neighbour.sources()
            #expect(sources == [next])
            // The operator is told both.
            try await daemon.event(EventID.interfaceJoined) {
              $0.message.contains(next) && $0.message.contains(first)
            }
          }
        }
      }
    }

    @Test("a cable that is pulled and put back: the same address again, however its test goes on")
    func carrier() async throws {
      let changes = Changes.all[0]
      try await Self.withHosts(changes) { bridge, host, neighbour in
        try await RuntimeDirectory.with { directory in
          try await Self.run(changes, on: host, directory: directory) { _ in
            let first = try await neighbour.source()
            for _ in 0..<3 {
              try await bridge.setCarrier(false, port: "port1")
              // Three beats that find no way out; nobody tells of those.
              try await Task.sleep(for: .milliseconds(300))
              try await bridge.setCarrier(true, port: "port1")
              let position = neighbour.daemon.lines.count
              try await neighbour.source(after: position, within: .seconds(5)) { _ in true }
              let sources = try await neighbour.sources()
              #expect(sources == [first])
            }
            try await host.ip("link", "set", "eth0", "down")
            try await host.batch("link set eth0 up", "address add fd77::1/64 dev eth0")
            let sources = try await neighbour.sources()
            #expect(sources == [first])
          }
        }
      }
    }
  }
}

/// The daemon of the other host.
private struct Neighbour {
  let daemon: Daemon

  /// Twice what it takes to call a peer with this interval silent.
  private static let beats = 12

  /// Whom it heard, but for itself.
  private func heard(after position: Int = 0) -> [String] {
    daemon.datagrams.dropFirst(position).filter { $0["MCAST_KIND"] == "heartbeat" }
      .compactMap { $0["MCAST_SOURCE"] }.filter { !own.contains($0) }
  }

  /// Its own addresses, from the lines that say where it joined and the one peer that it has not.
  private var own: Set<String> { ["10.77.0.2", linkLocal] }

  /// As it says when it joins.
  private var linkLocal: String {
    let joined = daemon.events(EventID.interfaceJoined).first?.message ?? ""
    return joined.firstMatch(of: /\((fe80:\S+)\)/).map { String($0.1) } ?? ""
  }

  /// The first source that fits.
  @discardableResult
  func source(
    after position: Int = 0, within limit: Duration = .seconds(5), _ fits: (String) -> Bool = { _ in true }
  ) async throws -> String {
    try await eventually("a beat from such a source: \(heard(after: position))", within: limit) {
      heard(after: position).first(where: fits)
    }
  }

  /// All sources of the next beats.
  func sources() async throws -> Set<String> {
    let position = daemon.lines.count
    try await eventually("\(Self.beats) beats: \(daemon.lines.suffix(5)), \(daemon.events)") {
      heard(after: position).count >= Self.beats ? true : nil
    }
    return Set(heard(after: position))
  }
}
