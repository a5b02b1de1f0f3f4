// SPDX-License-Identifier: Apache-2.0

import Testing

/// What happens to `eth0` of a host on a bridge, and what the daemon says of it.
private struct InterfaceChange: Sendable, CustomTestStringConvertible {
  let testDescription: String
  /// Before: nothing can be heard until then.
  var host: [String] = []
  /// Its last command makes the interface usable.
  let usable: [String]
  /// The interface that is told to be lost, which its message names with what it has become.
  var lost = "eth0"
  /// Besides its name: what the operator must be told.
  var named: [String] = []
  /// The one that is used in the end.
  var interface = "eth0"

  static let all: [InterfaceChange] = [
    InterfaceChange(
      testDescription: "down and up", host: ["link set eth0 down"], usable: ["link set eth0 up"]),
    InterfaceChange(
      testDescription: "renamed and named back", host: ["link set eth0 name lan0"],
      usable: ["link set lan0 name eth0"], named: ["lan0"]),
    InterfaceChange(
      testDescription: "another address", host: ["address del 10.77.0.1/24 dev eth0"],
      usable: ["address add 10.77.0.1/24 dev eth0"], named: ["IPv4"]),
    InterfaceChange(
      testDescription: "put into a bridge that takes its address",
      host: [
        "link add br7 type bridge mcast_snooping 0", "link set br7 up", "address del 10.77.0.1/24 dev eth0",
        "address add 10.77.0.1/24 dev br7",
      ],
      usable: ["link set eth0 master br7"], named: ["br7"], interface: "br7"),
    InterfaceChange(
      testDescription: "taken out of a bridge",
      host: ["link add br7 type bridge mcast_snooping 0", "link set br7 up", "link set eth0 master br7"],
      usable: ["link set eth0 nomaster"], lost: "br7"),
  ]
}

extension SystemTests {
  /// An interface that the daemon is to use, while it comes, goes and changes.
  struct InterfaceChangeTests {
    /// Waits until it hears and is heard. How soon, ``PunctualityTests`` has it.
    private static func expectTraffic(
      _ daemon: Daemon, _ receiver: ChildProcess, on interface: String = "eth0",
      sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
      async let hears: Void = daemon.hears("from 10.77.0.2:")
      async let isHeard: Void = receiver.hears(" 10.77.0.1 ")
      _ = try await (hears, isHeard)
      let last = daemon.datagrams.last { $0["MCAST_SOURCE"] == "10.77.0.2" }
      #expect(last?["MCAST_INTERFACE"] == interface, sourceLocation: sourceLocation)
    }

    /// What was said, but for peers.
    private static func events(of daemon: Daemon, after position: Int = 0) -> [JournalEntry] {
      daemon.events.dropFirst(position).filter { $0["MCAST_PEER"] == nil && $0["MCAST_PEERS"] == nil }
    }

    /// A daemon on the first host that beats every 100 ms and is to use eth0, and a Python sender and
    /// receiver on the second.
    private static func withPeer(
      hosts: Int = 2, _ body: (Bridge, Daemon, ChildProcess) async throws -> Void
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
      "of an interface each change is told once, and it is heard and hears again",
      arguments: InterfaceChange.all)
    fileprivate func change(_ change: InterfaceChange) async throws {
      try await Self.withPeer { bridge, daemon, receiver in
        try await Self.expectTraffic(daemon, receiver)
        let position = daemon.events.count
        let host = bridge.hosts[0]
        if change.interface == "eth0", !change.host.contains(where: { $0.contains("master") }) {
          // The change is seen before it is undone.
          try await host.batch(change.host)
          try await daemon.event(after: position)
        } else {
          try await host.batch(change.host)
        }
        try await host.batch(change.usable)
        try await Self.expectTraffic(daemon, receiver, on: change.interface)
        let events = Self.events(of: daemon, after: position).suffix(2)
        #expect(
          events.map { $0["MESSAGE_ID"] } == [EventID.interfaceLost, EventID.interfaceJoined], "\(events)")
        #expect(events.map { $0["PRIORITY"] } == ["4", "5"])
        #expect(events.map { $0["MCAST_INTERFACE"] } == [change.lost, change.interface], "\(events)")
        #expect(events.allSatisfy { $0["MCAST_GROUP"] == "239.1.1.1" && $0["MCAST_PORT"] == "5001" })
        let lost = try #require(events.first?.message)
        #expect(([change.lost] + change.named).allSatisfy(lost.contains), "\(lost)")
        #expect(events.last?.message.contains("10.77.0.1") == true, "\(events)")
        // Nothing is said again later.
        let count = Self.events(of: daemon).count
        try await daemon.lines(daemon.lines.count + 20)
        #expect(Self.events(of: daemon).count == count, "\(daemon.events)")
      }
    }

    @Test(
      "an interface that is not there at the start: ready at once, says what it waits for, and uses it when it comes"
    )
    func late() async throws {
      try await Bridge.with(hosts: 1) { bridge in
        let peer = bridge.hosts[0]
        try await NetworkNamespace.with { host in
          try await peer.peer("receiver", "--share") { receiver in
            try await receiver.line { $0 == "ready" }
            try await peer.peer("sender", "--interval", "0.1") { _ in
              try await host.daemon("--interface", "eth0", "--interval", "100ms") { daemon in
                let start = try await daemon.event(EventID.started)
                #expect(start.message.contains("eth0"), "\(start)")
                try await bridge.plug(host, port: "late", address: "10.77.0.9/24")
                async let hears: Void = daemon.hears("from 10.77.0.1:")
                async let isHeard: Void = receiver.hears(" 10.77.0.9 ")
                _ = try await (hears, isHeard)
                let events = Self.events(of: daemon)
                #expect(
                  events.map { $0["MESSAGE_ID"] } == [EventID.started, EventID.interfaceJoined], "\(events)")
              }
            }
          }
        }
      }
    }

    /// Twenty memberships are what a socket may have (igmp_max_memberships): a stale one for each would show
    /// here.
    @Test("removed and made again a hundred times: used each time, and nothing grows")
    func recreated() async throws {
      try await Self.withPeer { bridge, daemon, receiver in
        try await Self.expectTraffic(daemon, receiver)
        let host = bridge.hosts[0]
        var before = (descriptors: 0, memory: 0)
        for round in 1...100 {
          let position = daemon.events.count
          try await host.ip("link", "del", "eth0")
          try await bridge.plug(host, port: "port1", address: "10.77.0.1/24")
          try await Self.expectTraffic(daemon, receiver)
          let events = Self.events(of: daemon, after: position)
          let told = events.map { $0["MESSAGE_ID"] }
          #expect(told == [EventID.interfaceLost, EventID.interfaceJoined], "\(events)")
          #expect(events.allSatisfy { $0["MCAST_INTERFACE"] == "eth0" }, "\(events)")
          if round == 10 { before = (daemon.openDescriptors, try daemon.memory("RssAnon")) }
        }
        #expect(daemon.openDescriptors == before.descriptors)
        // The heap's own arenas grow by up to half a megabyte in the first rounds, and no more in 400. A peer
        // table that is kept is as much in each round.
        let grown = try daemon.memory("RssAnon") - before.memory
        #expect(grown < 1024, "KiB")
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
