// SPDX-License-Identifier: Apache-2.0

import Testing

/// What happens to `eth0` of a host on a bridge, and what the daemon says of it.
private struct InterfaceChange: Sendable, CustomTestStringConvertible {
  let testDescription: String
  /// Before: nothing can be heard until then.
  var host: [String] = []
  /// Its last command makes the interface usable.
  let usable: [String]
  /// Events, in order, as regular expressions.
  let events: [String]
  var interface = "eth0"

  private static let down = "eth0 is down: not listening to .* Waiting for eth0 .it is down.;.*"
  private static let joined = "joined 239.1.1.1:5001 on eth0 .10.77.0.1."

  static let all: [InterfaceChange] = [
    InterfaceChange(
      testDescription: "down and up", host: ["link set eth0 down"], usable: ["link set eth0 up"],
      events: [down, joined]),
    InterfaceChange(
      testDescription: "renamed and named back", host: ["link set eth0 name lan0"],
      usable: ["link set lan0 name eth0"],
      events: ["eth0 is called lan0 now: not listening to .* Waiting for eth0;.*", joined]),
    InterfaceChange(
      testDescription: "another address", host: ["address del 10.77.0.1/24 dev eth0"],
      usable: ["address add 10.77.0.1/24 dev eth0"],
      events: [
        "eth0 has no IPv4 address: nothing is sent to .* Waiting for eth0 .it has no IPv4 address.;.*",
        "sending to 239.1.1.1:5001 on eth0 .10.77.0.1.",
      ]),
    InterfaceChange(
      testDescription: "put into a bridge that takes its address",
      host: [
        "link add br7 type bridge mcast_snooping 0", "link set br7 up", "address del 10.77.0.1/24 dev eth0",
        "address add 10.77.0.1/24 dev br7",
      ],
      usable: ["link set eth0 master br7"],
      events: ["eth0 is a port of br7 now: not listening to .*", "joined 239.1.1.1:5001 on br7 .10.77.0.1."],
      interface: "br7"),
    InterfaceChange(
      testDescription: "taken out of a bridge",
      host: ["link add br7 type bridge mcast_snooping 0", "link set br7 up", "link set eth0 master br7"],
      usable: ["link set eth0 nomaster"],
      events: ["br7 is no longer chosen: not listening to .*", joined]),
  ]
}

extension SystemTests {
  /// An interface that the daemon is to use, while it comes, goes and changes.
  struct InterfaceChangeTests {
    /// Hears and is heard within a second; how long each took.
    private static func expectTraffic(
      _ daemon: ChildProcess, _ receiver: ChildProcess, on interface: String = "eth0",
      sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
      async let hears = daemon.timeToHear("from 10.77.0.2:")
      async let isHeard = receiver.timeToHear(" 10.77.0.1 ")
      let (first, second) = try await (hears, isHeard)
      #expect(first < .seconds(1), "heard after", sourceLocation: sourceLocation)
      #expect(second < .seconds(1), "is heard after", sourceLocation: sourceLocation)
      #expect(daemon.lines.last { $0.contains("from 10.77.0.2:") }?.contains(" on \(interface): ") == true)
    }

    /// What was said, but for peers.
    private static func events(of daemon: ChildProcess, after position: Int = 0) -> [String] {
      daemon.errorLines.dropFirst(position).filter { !$0.hasPrefix("peer ") }
    }

    /// A daemon on the first host that beats every 100 ms and is to use eth0, and a Python sender and receiver on the
    /// second.
    private static func withPeer(
      hosts: Int = 2, _ body: (Bridge, ChildProcess, ChildProcess) async throws -> Void
    ) async throws {
      try await Bridge.with(hosts: hosts) { bridge in
        let peer = bridge.hosts[hosts - 1]
        try await peer.peer("receiver", "--share") { receiver in
          try await receiver.line { $0 == "ready" }
          try await peer.peer("sender", "--interval", "0.1") { _ in
            try await bridge.hosts[0].daemon("--interface", "eth0", "--interval", "100ms") { daemon in
              try await body(bridge, daemon, receiver)
            }
          }
        }
      }
    }

    @Test(
      "of an interface each change is told once, and it is heard and hears within a second",
      arguments: InterfaceChange.all)
    fileprivate func change(_ change: InterfaceChange) async throws {
      try await Self.withPeer { bridge, daemon, receiver in
        try await Self.expectTraffic(daemon, receiver)
        let position = daemon.errorLines.count
        let host = bridge.hosts[0]
        if change.interface == "eth0", !change.host.contains(where: { $0.contains("master") }) {
          // The change is seen before it is undone.
          try await host.batch(change.host)
          try await daemon.event(after: position) { _ in true }
        } else {
          try await host.batch(change.host)
        }
        try await host.batch(change.usable)
        try await Self.expectTraffic(daemon, receiver, on: change.interface)
        let events = Array(Self.events(of: daemon, after: position).suffix(change.events.count))
        #expect(events.count == change.events.count, "\(daemon.errorLines)")
        for (event, form) in zip(events, change.events) {
          let form = try Regex("^(warning: )?\(form)$")
          #expect(event.contains(form), "\(event)")
        }
        // Nothing is said again later.
        let count = Self.events(of: daemon).count
        try await daemon.lines(daemon.lines.count + 20)
        #expect(Self.events(of: daemon).count == count, "\(daemon.errorLines)")
      }
    }

    @Test(
      "an interface that is not there at the start: ready at once, says what it waits for, and uses it within a second"
    )
    func late() async throws {
      try await Bridge.with(hosts: 1) { bridge in
        let peer = bridge.hosts[0]
        try await NetworkNamespace.with { host in
          try await peer.peer("receiver", "--share") { receiver in
            try await receiver.line { $0 == "ready" }
            try await peer.peer("sender", "--interval", "0.1") { _ in
              try await host.daemon("--interface", "eth0", "--interval", "100ms") { daemon in
                let start = try await daemon.event(within: .seconds(2)) { $0.contains("started:") }
                #expect(start.contains("239.1.1.1:5001 · waiting for eth0"), "\(start)")
                try await bridge.plug(host, port: "late", address: "10.77.0.9/24")
                async let hears = daemon.timeToHear("from 10.77.0.1:")
                async let isHeard = receiver.timeToHear(" 10.77.0.9 ")
                let times = try await [hears, isHeard]
                #expect(times.allSatisfy { $0 < .seconds(1) }, "\(times)")
                #expect(Self.events(of: daemon).count == 2, "\(daemon.errorLines)")
              }
            }
          }
        }
      }
    }

    /// Twenty memberships are what a socket may have (igmp_max_memberships): a stale one for each would show here.
    @Test("removed and made again a hundred times: used within a second each time, and nothing grows")
    func recreated() async throws {
      try await Self.withPeer { bridge, daemon, receiver in
        try await Self.expectTraffic(daemon, receiver)
        let host = bridge.hosts[0]
        var before = (descriptors: 0, memory: 0)
        for round in 1...100 {
          let position = daemon.errorLines.count
          try await host.ip("link", "del", "eth0")
          try await bridge.plug(host, port: "port1", address: "10.77.0.1/24")
          try await Self.expectTraffic(daemon, receiver)
          let events = Self.events(of: daemon, after: position)
          #expect(events.filter { $0.contains("joined ") }.count == 1, "\(events)")
          #expect(events.filter { $0.contains("eth0 is gone") }.count == 1, "\(events)")
          #expect(events.count == 2, "\(events)")
          if round == 10 { before = (daemon.openDescriptors, try daemon.memory("RssAnon")) }
        }
        #expect(daemon.openDescriptors == before.descriptors)
        let grown = try daemon.memory("RssAnon") - before.memory
        #expect(grown < 300, "KiB")
        let table = try await host.run("cat", "/proc/net/igmp").checked().text
        #expect(table.components(of: "010101EF") == 1, "\(table)")
      }
    }
  }
}

extension String {
  /// How often a text occurs.
  fileprivate func components(of text: String) -> Int {
    split(separator: text, omittingEmptySubsequences: false).count - 1
  }
}
