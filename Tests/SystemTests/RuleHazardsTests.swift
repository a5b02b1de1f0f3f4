// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

extension SystemTests {
  /// What goes wrong around a rule that stops fans: hosts that lie, are silent, forged or cut off. None of it
  /// may act where it is not known to be right, and what acts ends where that is not known any more.
  ///
  /// The hosts are namespaces on a bridge; units, polkit and the bus are those of `RuleActionTests` and
  /// `StateTargetsTests`.
  struct RuleHazardsTests {
    private static let fans = """
      when=2 of ups1,ups2,ups3: ups.status has OB
      when=all of rack1,rack2: temp.inlet < 27C
      until=2 of ups1,ups2,ups3: ups.status has OL
      until=any of rack1,rack2: temp.inlet >= 30C
      for=1s
      release-for=400ms

      """
    private static let entered = ["pending", "active"]
    private static let left = ["releasing", "inactive"]
    /// Its turn takes longer than `fans` does to act: what that has not done by then it does not do.
    private static let witness = "when=witness.n > 0\nfor=1500ms\nflip-limit=100/1h\n"

    /// Runs the hosts with these rules and the witness.
    private static func with(
      _ rules: [String: String] = ["fans": fans], absent: String? = nil, spare: Int = 0,
      _ body: (RuleHosts) async throws -> Void
    ) async throws {
      let rules = rules.merging(["witness": witness]) { $1 }
      try await RuleHosts.with(rules, absent: absent, spare: spare, body)
    }

    /// Nothing has come of what a host says, though it was said for longer than `for`.
    private static func nothingFollows(
      _ hosts: RuleHosts, from name: String, saying word: String, beyond states: [String] = []
    ) async throws {
      try await hosts.judge.hears(name, say: word)
      try await hosts.judge.set("witness.n=1")
      try await hosts.judge.changes(of: "witness", are: entered)
      #expect(hosts.judge.changes(of: "fans").map(\.state) == states)
    }

    @Test("one UPS that lies stops no fans, and one that denies the outage does not hold them up")
    func liar() async throws {
      try await Self.with { hosts in
        try await hosts["ups1"].set("ups.status=OB")
        try await Self.nothingFollows(hosts, from: "ups1", saying: "ups.status=OB")
        try await hosts["ups1"].set("ups.status=OL")
        for name in ["ups2", "ups3"] { try await hosts[name].set("ups.status=OB") }
        try await hosts.judge.changes(of: "fans", are: Self.entered)
      }
    }

    @Test("a rack that was never heard is named, and nothing is done until it is heard")
    func neverHeard() async throws {
      try await Self.with(absent: "rack2") { hosts in
        try await hosts.setMains("OB")
        try await Self.nothingFollows(hosts, from: "ups3", saying: "ups.status=OB")
        let found = try await hosts.judge.finding(of: "rack2", by: "fans")
        #expect(found.result == "U" && found.value == "?" && !found.reason.isEmpty)
        try await RuleHost.with(hosts.spare[0], "rack2") { rack in
          try await rack.set("temp.inlet=22C")
          try await hosts.judge.changes(of: "fans", are: Self.entered)
        }
      }
    }

    @Test("75F is no temperature in C: nothing is done by it, and what was done is undone")
    func otherUnit() async throws {
      try await Self.with { hosts in
        try await hosts["rack2"].set("temp.inlet=75F")
        try await hosts.judge.hears("rack2", say: "temp.inlet=75F")
        try await hosts.setMains("OB")
        try await Self.nothingFollows(hosts, from: "rack2", saying: "temp.inlet=75F")
        let found = try await hosts.judge.finding(of: "rack2", by: "fans")
        #expect(found.result == "U" && found.value == "75F" && !found.reason.isEmpty)
        try await hosts["rack2"].set("temp.inlet=24C")
        try await hosts.judge.changes(of: "fans", are: Self.entered)
        try await hosts["rack2"].set("temp.inlet=75F")
        let changes = try await hosts.judge.changes(of: "fans", are: Self.entered + Self.left)
        #expect(changes[2].reason.contains("rack2=75F"), "\(changes)")
      }
    }

    @Test("a rack that is killed while the fans are off has them go on")
    func silent() async throws {
      try await Self.with { hosts in
        try await hosts.setMains("OB")
        try await hosts.judge.changes(of: "fans", are: Self.entered)
        hosts["rack2"].daemon.send(signal: SIGKILL)
        let changes = try await hosts.judge.changes(of: "fans", are: Self.entered + Self.left)
        #expect(changes[2].reason.contains("rack2="), "\(changes)")
      }
    }

    @Test("where the judge is cut off what is active ends, or is held for hold-for and then ends")
    func cutOff() async throws {
      let held = Self.fans + "on-unknown=hold\nhold-for=4s\n"
      try await Self.with(["fans": Self.fans, "held": held]) { hosts in
        let judge = hosts.judge
        try await hosts.setMains("OB")
        for rule in ["fans", "held"] { try await judge.changes(of: rule, are: Self.entered) }
        try await hosts.setJudgeHears(false)
        try await judge.changes(of: "fans", are: Self.entered + Self.left)
        #expect(judge.changes(of: "held").map(\.state) == Self.entered)
        try await hosts.setJudgeHears(true)
        try await judge.changes(of: "fans", are: Self.entered + Self.left + Self.entered)
        #expect(judge.changes(of: "held").map(\.state) == Self.entered)
        try await hosts.setJudgeHears(false)
        try await judge.changes(of: "held", are: Self.entered + Self.left)
      }
    }

    @Test("a cut of less than five beats while the fans are off changes nothing")
    func shortCut() async throws {
      try await Self.with { hosts in
        try await hosts.setMains("OB")
        try await hosts.judge.changes(of: "fans", are: Self.entered)
        try await hosts.setJudgeHears(false)
        try await hosts["rack1"].hears("ups1", say: "ups.status=OB", 3)
        try await hosts.setJudgeHears(true)
        try await Self.nothingFollows(hosts, from: "ups1", saying: "ups.status=OB", beyond: Self.entered)
      }
    }

    @Test(
      "what is said under a name without its key, or with another one, does not count", arguments: [nil, 1])
    func forged(secret: Int?) async throws {
      try await Self.with(spare: 1) { hosts in
        try await hosts["ups1"].set("ups.status=OB")
        try await RuleHost.with(hosts.spare[0], "ups2", secret: secret) { forger in
          try await forger.set("ups.status=OB")
          try await Self.nothingFollows(hosts, from: "ups2", saying: "ups.status=OB")
          let found = try await hosts.judge.finding(of: "ups2", by: "fans")
          #expect(found.result == "F" && found.value == "OL")
        }
      }
    }

    @Test("an outage that was recorded, and is sent again when its host is not heard, is none")
    func replayed() async throws {
      try await Self.with(spare: 1) { hosts in
        try await hosts["ups1"].set("ups.status=OB")
        try await hosts.spare[0].peer("copy-beats", "--group", "239.1.1.1", "--late", "7") { copier in
          // The judge hears of it what the recorder sends, and nothing else.
          try await hosts.judge.loses(from: Bridge.address(ofHost: 3))
          try await hosts["ups2"].set("ups.status=OB")
          try await hosts["rack1"].hears("ups2", say: "ups.status=OB", 20)
          try await hosts["ups2"].set("ups.status=OL")
          try await Self.nothingFollows(hosts, from: "ups2", saying: "ups.status=OB")
          let proofs = hosts.judge.daemon.datagrams.filter { entry in
            entry["MCAST_HOST"] == "ups2" && entry["MCAST_PAYLOAD"]?.contains("ups.status=OB") == true
          }.map { $0["MCAST_AUTH"] }
          // Never heard before, and less than a minute old: to its host's number and key nothing is wrong.
          #expect(proofs.contains("ok"))
          let found = try await hosts.judge.finding(of: "ups2", by: "fans")
          #expect(found.result == "U" && found.value == "OL")
        }
      }
    }

    @Test("two that have the key say different things under one name: it is not known which is true")
    func namesakes() async throws {
      try await Self.with(spare: 1) { hosts in
        try await hosts["rack2"].set("temp.inlet=35C")
        try await RuleHost.with(hosts.spare[0], "rack2") { second in
          try await second.set("temp.inlet=20C")
          try await hosts.judge.daemon.event(EventID.nameUsedTwice)
          try await hosts.setMains("OB")
          try await Self.nothingFollows(hosts, from: "rack2", saying: "temp.inlet=20C")
          #expect(try await hosts.judge.finding(of: "rack2", by: "fans").result == "U")
        }
      }
    }

    @Test("power that comes and goes faster than for= does nothing, and slower is stopped by flip-limit")
    func flapping() async throws {
      try await Self.with(["fans": Self.fans + "flip-limit=4/1h\n"]) { hosts in
        var states: [String] = []
        func flap(_ status: String, until new: [String]) async throws {
          try await hosts.setMains(status)
          states += new
          try await hosts.judge.changes(of: "fans", are: states)
        }
        for _ in 1...3 {
          try await flap("OB", until: ["pending"])
          try await flap("OL", until: ["inactive"])
        }
        try await flap("OB", until: Self.entered)
        try await flap("OL", until: Self.left)
        try await flap("OB", until: Self.entered)
        try await flap("OL", until: ["releasing", "suspended"])
        try await hosts.setMains("OB")
        try await Self.nothingFollows(hosts, from: "ups3", saying: "ups.status=OB", beyond: states)
      }
    }
  }
}
