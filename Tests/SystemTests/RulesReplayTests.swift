// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Testing

extension SystemTests {
  /// `mcastd rules test --journal`, on what a real daemon wrote into a real journal.
  @Suite(.container)
  struct RulesReplayTests {
    /// A change of a rule's state.
    private struct Change: Equatable {
      var rule: String
      var from: String
      var to: String
      /// Microseconds since the epoch.
      var time: Int64
    }

    private struct Line: Decodable {
      var rule: String
      var from: String
      var to: String
      var usec: Int64
    }

    private static let settings = "interface=lo\ninterval=200ms\n"
    private static let rules = [
      "power": "when=any of other: ups.status has OB\nuntil=all of other: ups.status has OL\nfor=1s\n"
        + "authenticated=no\non-unknown=hold\nhold-for=2s\n",
      "hot": "when=temp.inlet >= 30C\nuntil=temp.inlet < 28C\nfor=1s\nrelease-for=500ms\n",
    ]

    /// What the daemon told of a rule.
    private func told(_ container: Container, of rule: String) async throws -> [Change] {
      try await container.journal("_SYSTEMD_UNIT=mcastd.service", "MCAST_RULE=\(rule)").compactMap { entry in
        guard let from = entry["MCAST_RULE_BEFORE"], let to = entry["MCAST_RULE_STATE"],
          let time = entry["__REALTIME_TIMESTAMP"].flatMap({ Int64($0) })
        else { return nil }
        return Change(rule: rule, from: from, to: to, time: time)
      }
    }

    private func wait(_ container: Container, until rule: String, is state: String) async throws {
      try await eventually("\(rule) \(state)") {
        try await told(container, of: rule).last?.to == state ? true : nil
      }
    }

    @Test("the heartbeats in the journal have each rule change as it did, at the same times")
    func replay() async throws {
      let container = try Container.current
      for (name, text) in Self.rules {
        try await container.write(text, to: "/etc/mcastd/rules.d/\(name).rule")
      }
      try await container.write("name=this\n\(Self.settings)", to: "/etc/mcastd/mcastd.conf")
      try await container.write("name=other\n\(Self.settings)", to: "/etc/mcastd/other.conf")
      try await container.systemctl("start", "mcastd", "mcastd@other")
      func set(_ reading: String, at control: String = "/run/mcastd/io.mcastd") async throws {
        try await container.run("mcastd", "set", "--control", control, reading).checked()
      }
      let other = "/run/mcastd-other/io.mcastd"
      for socket in ["/run/mcastd/io.mcastd", other] {
        try await eventually(socket) {
          try await container.run("mcastd", "status", "--control", socket).succeeded ? true : nil
        }
      }
      try await set("ups.status=OL", at: other)
      try await set("temp.inlet=22C")
      try await eventually("what the other one says") {
        try await container.run("mcastd", "readings", "other").text.contains("OL") ? true : nil
      }
      try await set("ups.status=OB DISCHRG", at: other)
      try await set("temp.inlet=31.5C")
      try await wait(container, until: "power", is: "active")
      try await wait(container, until: "hot", is: "active")
      try await set("ups.status=OL", at: other)
      try await set("temp.inlet=27C")
      try await wait(container, until: "power", is: "inactive")
      try await wait(container, until: "hot", is: "inactive")
      // Heard no more, with its last word that it is on battery.
      try await set("ups.status=OB", at: other)
      try await wait(container, until: "power", is: "active")
      try await container.systemctl("kill", "--signal=KILL", "mcastd@other")
      try await container.systemctl("stop", "mcastd@other")
      try await wait(container, until: "power", is: "inactive")
      try await container.systemctl("stop", "mcastd")
      try await container.run("journalctl", "--sync").checked()

      for rule in Self.rules.keys {
        let output = try await container.run(
          "sh", "-c",
          "journalctl -u mcastd -o json --all MCAST_KIND=heartbeat "
            + "| mcastd rules test \(rule) --journal - --name this --json")
        try output.checked()
        let replayed = try output.lines.map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)) }
        let told = try await told(container, of: rule)
        #expect(replayed.map { [$0.from, $0.to] } == told.map { [$0.from, $0.to] }, "\(rule): \(output)")
        #expect(told.count >= 4)
        for (line, change) in zip(replayed, told) {
          // The daemon's entry comes when it is told, a moment after it is so.
          #expect(abs(change.time - line.usec) < 500_000, "\(change) \(line)")
        }
      }
    }
  }
}
