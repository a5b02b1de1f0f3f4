// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

extension SystemTests {
  /// Readings on the wire: from the host that says them to all that know them.
  struct ReadingsWireTests {
    /// In microseconds: well within an interval, and time enough for a machine that is busy.
    private static let atOnce = 500_000

    @Test("what a host says is known by the others at once, with its value, and not with the next heartbeat")
    func known() async throws {
      let values = ["OL", "OB DISCHRG", #"a "quoted\" word"#, "?", "24.5C"]
      try await ReadingHost.with(3, interval: "2s") { hosts, _ in
        for (number, value) in values.enumerated() {
          let before = microseconds()
          try await hosts[0].run("set", "ups.status=\(value)").checked()
          for host in hosts.dropFirst() {
            let told = try await host.told(of: "h1", after: number) { _ in true }
            #expect(told.key == "ups.status" && told.value == value && told.address == "10.77.0.1")
            #expect(told.quality == (value == "?" ? "unknown" : "good"))
            #expect(told.time - before < Self.atOnce, "\(told)")
          }
        }
        for host in hosts {
          #expect(host.told(of: "h1").map(\.value) == values)
          let listed = try await host.listed()
          #expect(listed.map(\.host) == ["h1"] && listed.map(\.key) == ["ups.status"])
          #expect(listed.map(\.value) == ["24.5C"] && listed.map(\.quality) == ["good"])
        }
      }
    }

    @Test(
      "of 20 changes the last wins everywhere where 30 % is lost and comes late again, and none goes back")
    func lossAndOrder() async throws {
      try await ReadingHost.with(4, spare: 1) { hosts, spare in
        let others = hosts.dropFirst()
        for host in others { try await Self.lose(30, on: host.namespace) }
        try await spare[0].peer("copy-beats", "--group", "239.1.1.1", "--late", "0.12") { copier in
          try await copier.line { $0.contains(" host=h1 ") }
          for number in 1...20 {
            try await hosts[0].run("set", "count.n=\(number)").checked()
            // Not all in one change, which 20 of them would be where they take no time.
            try await copier.line { $0.contains(" count.n=\(number)") }
          }
          for host in others { try await host.told(of: "h1") { $0.value == "20" } }
          // All that was sent before the last has come again.
          try await copier.lines(8) { $0.contains(" count.n=20") }
        }
        for host in others {
          let told = host.told(of: "h1")
          let numbers = told.compactMap { Int($0.value) }
          #expect(numbers.last == 20 && numbers == Set(numbers).sorted(), "\(host.name): \(numbers)")
          #expect(numbers.count > 5 && told.allSatisfy { $0.quality == "good" }, "\(host.name): \(told)")
        }
      }
    }

    @Test(
      "those of a host that is killed are stale within five beats and a second, and good after its restart")
    func killed() async throws {
      let (interval, limit) = ("200ms", 5 * 200_000 + 1_000_000)
      try await ReadingHost.with(3, interval: interval) { hosts, _ in
        try await hosts[0].run("set", "ups.status=OL").checked()
        for host in hosts { try await host.told(of: "h1") { $0.quality == "good" } }
        let killed = microseconds()
        hosts[0].daemon.send(signal: SIGKILL)
        for host in hosts.dropFirst() {
          let stale = try await host.told(of: "h1") { $0.quality == "stale" }
          #expect(stale.value == "OL" && stale.event == "reading-unknown")
          // Of its last heartbeat, which was an interval before at most.
          #expect((4 * 200_000...limit).contains(stale.time - killed), "\(stale)")
          let listed = try await host.listed()
          #expect(listed.map(\.value) == ["OL"] && listed.map(\.quality) == ["stale"])
        }
        let counts = hosts.map { $0.told(of: "h1").count }
        try await hosts[0].again(interval: interval) { restarted in
          try await restarted.run("set", "ups.status=OB").checked()
          for (host, count) in zip(hosts, counts).dropFirst() {
            let good = try await host.told(of: "h1", after: count) { $0.quality == "good" }
            #expect(good.value == "OB")
            let listed = try await host.listed()
            #expect(listed.map(\.value) == ["OB"] && listed.map(\.quality) == ["good"])
          }
        }
      }
    }

    @Test("those of a host that said goodbye are good for five beats, and then stale with their value")
    func stopped() async throws {
      try await ReadingHost.with(2, interval: "300ms") { hosts, _ in
        try await hosts[0].run("set", "ups.status=OB").checked()
        try await hosts[1].told(of: "h1") { $0.quality == "good" }
        hosts[0].daemon.send(signal: SIGTERM)
        let stale = try await hosts[1].told(of: "h1", after: 1) { _ in true }
        #expect(stale.quality == "stale" && stale.value == "OB")
        let left = try #require(hosts[1].peerEvents.first { $0.event == "peer-left" && $0.host == "h1" })
        #expect(
          (5 * 300_000...6 * 300_000 + 1_000_000).contains(stale.time - left.timeUsec), "\(stale) \(left)")
      }
    }

    @Test("what is unset is unknown at once, and then listed nowhere")
    func unset() async throws {
      try await ReadingHost.with(2, interval: "2s") { hosts, _ in
        try await hosts[0].run("set", "temp.inlet=24.5C", "ups.status=OL").checked()
        try await hosts[1].told(of: "h1") { $0.key == "ups.status" && $0.quality == "good" }
        let before = microseconds()
        try await hosts[0].run("unset", "ups.status").checked()
        let gone = try await hosts[1].told(of: "h1", after: 2) { _ in true }
        #expect(gone.key == "ups.status" && gone.value == "?" && gone.quality == "unknown")
        #expect(gone.time - before < Self.atOnce)
        for host in hosts { #expect(try await host.listed().map(\.key) == ["temp.inlet"]) }
      }
    }

    @Test("the Python receiver gets 1000 bytes whole; what does not fit is told to who set it, and logged")
    func full() async throws {
      try await ReadingHost.with(1, spare: 1) { hosts, spare in
        try await spare[0].peer("receiver") { receiver in
          try await receiver.line { $0.contains(" host=h1 ") }
          let words = (10..<74).map { "load.n\($0)=\(String(repeating: "x", count: 20))" }
          let output = try await hosts[0].run(["set"] + words).checked()
          let line = try await receiver.line { $0.contains(words[0]) }
          let beat = try #require(line.split(separator: " ", maxSplits: 3).last)
          // One more is 30 bytes; room is left for the numbers of years.
          #expect((945...1000).contains(beat.utf8.count) && line.contains(" \(beat.utf8.count) ATU "))
          let said = words.prefix { beat.contains(" " + $0) }
          #expect(beat.hasSuffix(" " + said.joined(separator: " ")) && said.count > 20)
          let leftOut = words.dropFirst(said.count).map { String($0.prefix { $0 != "=" }) }
          #expect(output.errorLines.count == leftOut.count)
          for key in leftOut { #expect(output.errorLines.contains { $0.contains(" \(key) ") }) }
          let entry = try await hosts[0].daemon.event(EventID.readingLeftOut)
          #expect(entry["MCAST_READING"] == leftOut.first && entry["MCAST_COUNT"] == "\(leftOut.count)")
          #expect(entry["PRIORITY"] == "4")
        }
      }
    }

    /// Loses this share of what comes from others.
    private static func lose(_ percent: Int, on host: NetworkNamespace) async throws {
      let rules = """
        table ip lossy {
         chain in {
          type filter hook prerouting priority -300;
          udp dport 5001 fib saddr type != local numgen random mod 100 < \(percent) drop
         }
        }
        """
      try await host.run("nft", "-f", "-", input: Array(rules.utf8)).checked()
    }
  }
}

private func microseconds() -> Int {
  var now = timespec()
  clock_gettime(CLOCK_REALTIME, &now)
  return now.tv_sec * 1_000_000 + now.tv_nsec / 1000
}
