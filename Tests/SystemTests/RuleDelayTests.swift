// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

extension SystemTests {
  /// How long it takes from the datagram that decides until a unit acts. Where MCASTD_MEASURE_RULES is set it
  /// is a measurement, for a machine that does nothing else.
  @Suite(.container)
  struct RuleDelayTests {
    private static let rounds = getenv("MCASTD_MEASURE_RULES") == nil ? 5 : 50
    private static let settings = "interface=lo\n"

    @Test("a unit acts within a second of the heartbeat that decides")
    func delay() async throws {
      let container = try Container.current
      try await container.enableAction(for: "fans")
      // EPOCHREALTIME is bash's, which writes it without starting anything else.
      try await container.write(
        "[Unit]\nStartLimitIntervalSec=0\n[Service]\nExecStart=\nExecStart=/bin/bash -c 'echo $${EPOCHREALTIME/./} >>/run/times'\n",
        to: "/etc/systemd/system/action-fans.service.d/time.conf")
      try await container.systemctl("daemon-reload")
      let rule =
        "when=any of ups1: ups.status has OB\nfor=0s\nrelease-for=0s\nflip-limit=1000/1s\nauthenticated=no\n"
      try await container.write(rule, to: "/etc/mcastd/rules.d/fans.rule")
      try await container.write("name=this\n\(Self.settings)", to: "/etc/mcastd/mcastd.conf")
      try await container.write(
        "name=ups1\n\(Self.settings)rules.directory=/etc/mcastd/none\n", to: "/etc/mcastd/ups1.conf")
      try await container.run("mkdir", "/etc/mcastd/none").checked()
      try await container.systemctl("start", "mcastd", "mcastd@ups1")
      func set(_ status: String) async throws {
        try await container.run("mcastd", "set", "--instance", "ups1", "ups.status=\(status)").checked()
      }
      try await eventually("the other daemon") {
        try await container.run("mcastd", "status", "--instance", "ups1").succeeded ? true : nil
      }
      for _ in 0..<Self.rounds {
        try await set("OB")
        try await container.property("ActiveState", of: "action-fans.service") { $0 == "active" }
        try await set("OL")
        try await container.property("ActiveState", of: "action-fans.service") { $0 == "inactive" }
      }
      let acted = try await container.run("cat", "/run/times").checked().lines.compactMap { Int64($0) }
      try await container.syncJournal()
      let beats = try await container.journal(
        "_SYSTEMD_UNIT=mcastd.service", "MCAST_KIND=heartbeat", "MCAST_HOST=ups1")
      let decided = Self.deciding(beats)
      let told = try await container.journal(
        "_SYSTEMD_UNIT=mcastd.service", "MESSAGE_ID=\(EventID.ruleState)", "MCAST_RULE_STATE=active"
      ).compactMap { $0["_SOURCE_REALTIME_TIMESTAMP"].flatMap { Int64($0) } }
      for (what, times) in [("its entry in the journal", told), ("ExecStart", acted)] {
        try #require(decided.count == Self.rounds && times.count == Self.rounds)
        let delays = zip(decided, times).map { $1 - $0 }.sorted()
        // A busy machine adds what it likes, but not to most.
        #expect(delays[0] >= 0 && delays[Self.rounds / 2] < 1_000_000, "µs: \(delays)")
        print(
          "from the deciding heartbeat to \(what), µs: p50 \(delays[Self.rounds / 2]), "
            + "p99 \(delays[Self.rounds * 99 / 100]) of \(delays)")
      }
    }

    /// When the first heartbeat of each spell on battery was received, in microseconds.
    private static func deciding(_ beats: [JournalEntry]) -> [Int64] {
      var (wasOut, times) = (false, [Int64]())
      for beat in beats {
        let isOut = beat["MCAST_PAYLOAD"]?.contains(" ups.status=OB") == true
        if isOut, !wasOut, let time = beat["MCAST_RECEIVED_USEC"].flatMap({ Int64($0) }) {
          times.append(time)
        }
        wasOut = isOut
      }
      return times
    }
  }
}
