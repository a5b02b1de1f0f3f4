// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Control
@testable import Platform

struct PeersReplyTests {
  private func peer(
    _ address: String, _ state: String, on interface: String = "eth0", host: String = ""
  ) -> PeerReply {
    PeerReply(
      host: host, address: address, interface: interface, port: 5001, state: state, auth: "",
      lastHeardUsec: 0, ageUsec: 693_000_000, intervalUsec: 1_000_000, silentAfterBeats: 5,
      silentAfterUsec: 5_050_000, beats: 9, missed: 0, missedHere: 0, duplicates: 0,
      reordered: 0, restarts: 0, clockSteps: 0, jitterUsec: 0, offsetUsec: 0, note: "")
  }

  private func reply(_ peers: [PeerReply]) -> PeersReply {
    PeersReply(peers: peers, networkSilent: false, refused: 0)
  }

  @Test("peers in trouble come first, then by address")
  func order() {
    let peers = [
      peer("10.0.0.10", "alive"), peer("10.0.0.9", "self"), peer("10.0.0.9", "alive", on: "eth1"),
      peer("fd00::10", "alive"), peer("fd00::9", "alive"), peer("10.0.0.9", "alive"),
      peer("10.0.0.11", "late"), peer("10.0.0.200", "silent"), peer("10.0.0.3", "silent"),
      peer("10.0.0.1", "unknown"),
      peer("10.0.0.2", "left"), peer("10.0.0.99", "alive", host: "ups1"),
    ]
    let sorted = reply(peers.shuffled()).sorted().peers.map { "\($0.address) \($0.interface) \($0.state)" }
    #expect(
      sorted == [
        "10.0.0.3 eth0 silent", "10.0.0.200 eth0 silent", "10.0.0.1 eth0 unknown", "10.0.0.2 eth0 left",
        "10.0.0.11 eth0 late", "10.0.0.99 eth0 alive",
        "10.0.0.9 eth0 alive", "10.0.0.9 eth1 alive", "10.0.0.10 eth0 alive", "fd00::9 eth0 alive",
        "fd00::10 eth0 alive", "10.0.0.9 eth0 self",
      ])
  }

  @Test(
    "a check is 0 where all are heard, 1 where one is silent or unknown, 2 where none is heard",
    arguments: [
      ("alive self", 0), ("alive late", 0), ("late", 0), ("alive silent", 1), ("alive unknown", 1),
      ("silent", 2), ("unknown silent", 2), ("alive left", 0), ("left", 2), ("self", 2), ("", 2),
    ])
  func check(states: String, status: Int32) {
    let peers = states.split(separator: " ").map { peer("10.0.0.1", String($0)) }
    #expect(reply(peers).checkStatus == status)
  }

  @Test("the line of a check has the counts and the peers in trouble, with a limit")
  func checkText() {
    let few = reply([peer("10.0.0.1", "alive"), peer("10.0.0.2", "silent"), peer("10.0.0.3", "unknown")])
    #expect(
      few.checkText()
        == "1 alive, 0 late, 1 silent, 0 left, 1 unknown: 10.0.0.2 silent, 10.0.0.3 unknown\n")
    let many = reply((1...50).map { peer("10.0.0.\($0)", "silent") })
    #expect(many.checkText().description.hasSuffix("10.0.0.10 silent and 40 more\n"))
  }

  @Test(
    "durations are in customary units",
    arguments: [
      (0, "0 ms"), (999, "999 ms"), (1000, "1.0 s"), (59_999, "59.9 s"), (60_000, "1 min 0 s"),
      (693_000, "11 min 33 s"), (3_600_000, "1 h 0 min"), (86_400_000, "1 d 0 h"), (187_200_000, "2 d 4 h"),
    ])
  func spans(milliseconds: Int64, text: String) {
    #expect(DurationText.words(milliseconds * 1_000_000) == text)
  }
}
