// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Testing

extension SystemTests {
  /// What rules are for, on five hosts: three with NUT and a UPS, and two racks with fans.
  struct RuleMissionTests {
    private struct Line: Decodable {
      var from: String
      var to: String
      var usec: Int64
    }

    private typealias Change = Container.RuleChange

    private static let turn = ["pending", "active", "releasing", "inactive"]

    @Test(
      "mains out: the fans stop; 28C changes nothing; 30C starts them, as the mains do; a replay agrees"
    )
    func mission() async throws {
      try await MissionHosts.running { hosts in
        let rack = hosts.racks[1]
        try await hosts.setMains("OB DISCHRG")
        for rack in hosts.racks { try await rack.fans(are: ["off"]) }

        try await rack.setTemperature("28C")
        // Longer than release-for, after the quick ones that tell a change.
        for listener in hosts.racks {
          try await listener.container.hears(rack.name, say: "temp.inlet=28C", 6)
        }
        for rack in hosts.racks {
          #expect(try await rack.container.changes(of: MissionHosts.Rack.fans).count == 2)
          try await rack.fans(are: ["off"])
        }
        try await rack.setTemperature("30C")
        for rack in hosts.racks { try await rack.fans(are: ["off", "on"]) }
        try await rack.setTemperature("24C")
        for rack in hosts.racks { try await rack.fans(are: ["off", "on", "off"]) }
        try await hosts.setMains("OL CHRG")
        for rack in hosts.racks { try await rack.fans(are: ["off", "on", "off", "on"]) }
        for rack in hosts.racks { try await Self.verify(rack) }
      }
    }

    /// Holds the journal of a host that acted against what happened, and against a replay.
    private static func verify(_ rack: MissionHosts.Rack) async throws {
      let name = MissionHosts.Rack.fans
      let changes = try await rack.container.changes(of: name, are: turn + turn)
      for change in changes { print("\(rack.name): \(change)") }
      #expect(changes.map(\.before) == ["inactive"] + (turn + turn).dropLast())
      let battery = "of ups1,ups2,ups3: ups.status has OB"
      let reasons = [
        [battery, "temp.inlet < 27C"], [battery, "temp.inlet < 27C"], ["rack2=30C"], ["rack2=30C"],
        [battery, "rack2=24C"], [battery, "rack2=24C"], ["ups.status has OL"], ["ups.status has OL"],
      ]
      for (change, reasons) in zip(changes, reasons) {
        for reason in reasons { #expect(change.reason.contains(reason), "\(change)") }
      }
      // Never sooner than it must hold; the entry of the first may come a moment late.
      for (first, span) in [
        (0, MissionHosts.Rack.holdsFor), (2, MissionHosts.Rack.releasesFor),
        (4, MissionHosts.Rack.holdsFor), (6, MissionHosts.Rack.releasesFor),
      ] {
        #expect(changes[first + 1].time - changes[first].time > span - 100_000, "\(changes)")
      }
      // It would have been time enough to leave the state.
      let warm = try await rack.container.journal(
        "--unit=mcastd", "MCAST_KIND=heartbeat", "MCAST_HOST=rack2"
      ).first { $0["MCAST_PAYLOAD"]?.contains(" temp.inlet=28C") == true }
      let since = try #require(warm?["__REALTIME_TIMESTAMP"].flatMap { Int64($0) })
      #expect(changes[2].time - since > 2 * MissionHosts.Rack.releasesFor, "\(changes)")
      let sealed = try await rack.container.journal(
        "--unit=mcastd", "MCAST_KIND=heartbeat", "MCAST_AUTH=ok")
      #expect(Set(sealed.compactMap { $0["MCAST_HOST"] }) == ["ups1", "ups2", "ups3", "rack1", "rack2"])
      try await replay(rack, changes)
    }

    private static func replay(_ rack: MissionHosts.Rack, _ changes: [Change]) async throws {
      // A replay ends with the last heartbeat: one must be later than the last change.
      try await rack.container.hears("ups1", say: "ups.status=")
      let output = try await rack.container.run(
        "sh", "-c",
        "journalctl -u mcastd -o json --all MCAST_KIND=heartbeat "
          + "| mcastd rules test \(MissionHosts.Rack.fans) --journal - --name \(rack.name) --json"
      ).checked()
      let lines = try output.lines.map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)) }
      #expect(lines.map { [$0.from, $0.to] } == changes.map { [$0.before, $0.state] }, "\(output)")
      for (line, change) in zip(lines, changes) {
        #expect(abs(change.time - line.usec) < 500_000, "\(change) \(line)")
      }
    }
  }
}
