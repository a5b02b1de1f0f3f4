// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Control
@testable import Daemon
@testable import Journal
@testable import Liveness
@testable import Monitor
@testable import Platform

struct MonitorReplyTests {
  private let group = Example.group

  private func reply(_ event: PeerEvent<PeerID>) throws -> MonitorReply {
    let replies = MonitorReply.replies(
      for: .peer(.one(event, at: Clocks.monotonic(), interface: "eth0"), group: group), realtime: 0)
    try #require(replies.count == 1)
    return replies[0]
  }

  @Test("what a reload changes is told under the name that callers look for")
  func reloaded() {
    let replies = MonitorReply.replies(
      for: .service(.configurationApplied(status: "", changes: [])), realtime: 0)
    #expect(replies.map(\.event) == [MonitorReply.configurationApplied])
  }

  @Test("the change of a peer has its address, interface and new state, and the words of its entry")
  func peer() throws {
    let peer = try Example.peer()
    let silent = try reply(.silent(peer))
    #expect(silent.event == "peer-silent" && silent.state == "silent" && silent.interface == "eth0")
    #expect(silent.address == "\(peer.id.subject)" && silent.priority == 4)
    #expect(silent.messageId == MessageKind.peerSilent.messageID && silent.fields?["MCAST_BEATS"] == "21")
    let states: [(PeerEvent<PeerID>, String, String?)] = [
      (.discovered(peer), "peer-discovered", "alive"), (.back(peer), "peer-back", "alive"),
      (.unknown(peer), "peer-unknown", "unknown"), (.known(peer), "peer-known", "alive"),
      (.forgotten(peer), "peer-forgotten", nil), (.evicted(peer), "peer-evicted", nil),
    ]
    for (event, name, state) in states {
      let reply = try reply(event)
      #expect(reply.event == name && reply.state == state && reply.address == "\(peer.id.subject)")
    }
    let named = try Example.named()
    let left = try reply(.left(named))
    #expect(left.event == "peer-left" && left.state == "left")
    #expect(left.host == "ups1" && left.address == "10.0.0.5" && left.fields?["MCAST_HOST"] == "ups1")
    let returned = try reply(.returned(named))
    #expect(returned.event == "peer-returned" && returned.state == "alive")
    let contested = try reply(.contested(named, by: Example.address(6)))
    #expect(contested.event == "name-used-twice" && contested.state == "alive" && contested.host == "ups1")
    // It has no entry, and a line all the same.
    #expect(try reply(.unknown(peer)).message == nil)
    #expect("\(try #require(try reply(.unknown(peer)).text))".hasSuffix(" on eth0: peer-unknown\n"))
  }

  @Test("what happens to all peers of an interface is of none of them")
  func network() throws {
    let silent = try reply(.networkSilent(peers: 3, last: try Example.peer().id, since: 0))
    #expect(silent.event == "network-silent" && silent.interface == "eth0")
    #expect(silent.address == nil && silent.state == nil)
    let heard = try reply(.networkHeard(by: try Example.peer().id, at: 0, silentFor: 1))
    #expect(heard.event == "network-heard" && heard.address == nil)
  }

  @Test("of several peers there is a reply for each")
  func several() {
    let addresses = [1, 2].map(Example.address)
    let silent = MonitorReply.replies(
      for: .peer(.neverHeard(addresses.map { .address($0) }, waited: 1), group: group), realtime: 0)
    #expect(silent.map(\.address) == ["10.0.0.1", "10.0.0.2"])
    #expect(silent.allSatisfy { $0.event == "peer-silent" && $0.state == "silent" && $0.interface == nil })
    let peers = addresses.map { (PeerID(address: $0, interface: 0), interface: "eth0") }
    let removed = MonitorReply.replies(for: .peer(.removed(peers), group: group), realtime: 5000)
    #expect(removed.map(\.address) == ["10.0.0.1", "10.0.0.2"])
    #expect(removed.allSatisfy { $0.event == "peer-removed" && $0.state == nil && $0.interface == "eth0" })
    #expect(removed.allSatisfy { $0.timeUsec == 5 && $0.message == nil })
  }

  @Test("text of an event does not reach a terminal unescaped")
  func escaped() {
    let replies = MonitorReply.replies(
      for: .service(.settingUnknown(warning: "a\u{1b}[31mb\nc")), realtime: 0)
    let text = "\(replies[0].text ?? "")"
    #expect(!text.contains("\u{1b}") && text.count { $0 == "\n" } == 1)
  }
}
