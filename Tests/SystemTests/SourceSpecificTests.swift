// SPDX-License-Identifier: Apache-2.0

import Testing

extension SystemTests {
  /// Source-specific multicast (RFC 4607): chosen senders only, for any group.
  struct SourceSpecificTests {
    @Test(
      "the wanted source is heard and another one is not: the kernel filters",
      arguments: ["232.1.1.1", "239.1.1.1"])
    func chosen(group: String) async throws {
      try await Bridge.with(hosts: 3) { bridge in
        let hosts = bridge.hosts
        try await hosts[0].daemon("--group", group, "--interface", "eth0", "--source", "10.77.0.2") {
          daemon in
          try await daemon.event(EventID.started)
          try await hosts[2].peer("sender", "--group", group, "--count", "5", "--interval", "0.05") {
            other in
            try await other.lines(5)
          }
          try await hosts[1].peer("sender", "--group", group, "--count", "2", "--interval", "0.05") { _ in
            try await daemon.lines(2) { $0.contains(" from 10.77.0.2:") }
          }
          #expect(daemon.lines.allSatisfy { $0.contains(" from 10.77.0.2:") }, "\(daemon.lines)")
          let filter = try await hosts[0].run("cat", "/proc/net/mcfilter").checked().lines.dropFirst()
          let octets = group.split(separator: ".").compactMap { UInt32($0) }.reduce(0) { $0 << 8 | $1 }
          // Index, device, group, source, and how many sockets include and exclude it.
          let words = filter.map { $0.split(separator: " ").dropFirst().map(String.init) }
          #expect(words == [["eth0", "0x" + String(octets, radix: 16), "0x0a4d0002", "1", "0"]], "\(filter)")
        }
      }
    }

    @Test("IPv6 as well", arguments: ["ff35::4242", "ff15::4242"])
    func chosenIPv6(group: String) async throws {
      try await Bridge.with(hosts: 3) { bridge in
        let hosts = bridge.hosts
        for (number, host) in hosts.enumerated() {
          try await host.ip("address", "add", "fd77::\(number + 1)/64", "dev", "eth0", "nodad")
        }
        try await hosts[0].daemon("--group", group, "--interface", "eth0", "--source", "fd77::2") { daemon in
          try await daemon.event(EventID.started)
          try await hosts[2].peer("sender6", "--group", group, "--count", "5", "--interval", "0.05") {
            other in
            try await other.lines(5)
          }
          try await hosts[1].peer("sender6", "--group", group, "--count", "2", "--interval", "0.05") { _ in
            try await daemon.lines(2) { $0.contains(" from [fd77::2]:") }
          }
          #expect(daemon.lines.allSatisfy { $0.contains(" from [fd77::2]:") }, "\(daemon.lines)")
          let filter = try await hosts[0].run("cat", "/proc/net/mcfilter6").checked().lines.dropFirst()
          #expect(filter.count == 1, "\(filter)")
          #expect(filter.first?.contains("fd770000000000000000000000000002") == true, "\(filter)")
        }
      }
    }

    @Test(
      "a source-specific group without a source is refused with 78 and a line that says so",
      arguments: ["232.1.1.1", "ff35::1"])
    func withoutSource(group: String) async throws {
      let output = try await ChildProcess.run([
        Repository.binary, "run", "--group", group, "--interface", "lo",
      ])
      #expect(output.status == .exited(78))
      #expect(
        output.errorLines.count == 1 && output.errorText.contains("source"),
        "\(output)")
    }

    @Test(
      "more sources than the kernel takes: told with the sysctl that raises it, and none is heard by half")
    func tooManySources() async throws {
      try await Bridge.with(hosts: 1) { bridge in
        try await NetworkNamespace.with { host in
          try await host.run("sysctl", "-qw", "net.ipv4.igmp_max_msf=1").checked()
          try await host.daemon("--interface", "eth0", "--source", "10.77.0.1,10.77.0.2") { daemon in
            try await daemon.event(EventID.started)
            try await bridge.plug(host, port: "late", address: "10.77.0.9/24")
            let refusal = try await daemon.event(EventID.membershipLimit)
            #expect(refusal.message.contains("sysctl net.ipv4.igmp_max_msf="), "\(refusal)")
            #expect(try await host.run("cat", "/proc/net/mcfilter").checked().lines.count <= 1)
            try await host.run("sysctl", "-qw", "net.ipv4.igmp_max_msf=10").checked()
            try await daemon.event(EventID.interfaceJoined) { $0["MCAST_INTERFACE"] == "eth0" }
            #expect(try await host.run("cat", "/proc/net/mcfilter").checked().lines.count == 3)
          }
        }
      }
    }
  }
}
