// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import Multicast
@testable import Platform

/// A state whose directives the test carries out, with refusals of its choice.
private struct Subscription {
  var state = SubscriptionState()
  var refused: [UInt32: MulticastError] = [:]
  /// Directives in the order in which they were given.
  private(set) var run: [SubscriptionState.Directive] = []

  mutating func follow(_ interfaces: [NetworkInterface], at now: Int64 = 0) -> [InterfaceChange] {
    var changes: [InterfaceChange] = []
    for directive in state.directives(for: interfaces) { changes += carryOut(directive, at: now) }
    for directive in changes.compactMap(state.directive(after:)) { changes += carryOut(directive, at: now) }
    return changes
  }

  mutating func carryOut(_ directive: SubscriptionState.Directive, at now: Int64) -> [InterfaceChange] {
    run.append(directive)
    switch directive {
    case .leave: return state.note(directive, .done, at: now)
    case .join(let interface):
      let isMember = state.interface(interface.index) != nil
      return state.note(
        directive, refused[interface.index].map { .refused($0) } ?? (isMember ? .isMember : .done), at: now)
    case .renew(let interface):
      return state.note(directive, refused[interface.index].map { .refused($0) } ?? .done, at: now)
    }
  }

  var names: [String] { state.interfaces.map(\.name) }
}

private func interface(_ index: UInt32, _ name: String, hasCarrier: Bool = true) -> NetworkInterface {
  // IFF_LOWER_UP, netdevice(7).
  NetworkInterface(
    index: index, name: name, flags: UInt32(IFF_UP) | (hasCarrier ? 1 << 16 : 0), addresses: [])
}

private func refusal(_ errno: Int32) -> MulticastError {
  .system(call: "setsockopt MCAST_JOIN_GROUP", object: "239.1.1.1 on interface 2", errno: errno)
}

struct SubscriptionStateTests {
  private let eth0 = interface(2, "eth0")

  @Test("an interface that comes and goes is reported once each")
  func comesAndGoes() {
    var group = Subscription()
    #expect(group.follow([]) == [])
    #expect(group.follow([eth0]) == [.began(eth0)])
    #expect(group.follow([eth0]) == [])
    #expect(group.names == ["eth0"])
    #expect(group.follow([]) == [.ended(eth0)])
    #expect(group.follow([]) == [])
    #expect(group.names.isEmpty)
    #expect(group.run == [.join(eth0), .join(eth0), .leave(2)])
  }

  @Test("a renamed interface is reported once, as renamed")
  func renamed() {
    var group = Subscription()
    _ = group.follow([eth0])
    let lan0 = interface(2, "lan0")
    #expect(group.follow([lan0]) == [.renamed(from: "eth0", lan0)])
    #expect(group.follow([lan0]) == [])
    #expect(group.names == ["lan0"])
    #expect(group.follow([]) == [.ended(lan0)])
  }

  @Test("an interface that was removed and created again ended and began, under its old name")
  func recreated() {
    var group = Subscription()
    let new = interface(7, "eth0")
    _ = group.follow([eth0])
    #expect(group.follow([new]) == [.ended(eth0), .began(new)])
  }

  @Test("a change of addresses alone is not reported")
  func addresses() {
    var group = Subscription()
    _ = group.follow([eth0])
    var moved = eth0
    moved.addresses = [IPAddress(family: .ipv4, high: 0, low: 0x0a00_0001)]
    #expect(group.follow([moved]) == [])
    #expect(group.state.interfaces[0].addresses.count == 1)
  }

  @Test("a refusal is reported once for each reason, and its end as a beginning")
  func refused() {
    var group = Subscription()
    group.refused[2] = refusal(ENOBUFS)
    #expect(group.follow([eth0]) == [.refused(eth0, refusal(ENOBUFS))])
    #expect(group.names.isEmpty)
    #expect(group.follow([eth0]) == [])
    group.refused[2] = refusal(EPERM)
    #expect(group.follow([eth0]) == [.refused(eth0, refusal(EPERM))])
    group.refused = [:]
    #expect(group.follow([eth0]) == [.began(eth0)])
  }

  @Test("a refused interface that goes away is forgotten, and refused anew when it comes back")
  func refusedAndGone() {
    var group = Subscription()
    group.refused[2] = refusal(EPERM)
    _ = group.follow([eth0])
    #expect(group.follow([]) == [])
    #expect(group.follow([eth0]) == [.refused(eth0, refusal(EPERM))])
  }

  @Test("what was refused is tried again after 1 s, doubling to 30 s, and from 1 s again after a success")
  func retries() {
    var group = Subscription()
    group.refused[2] = refusal(EPERM)
    #expect(group.state.retryTime(now: 0) == nil)
    _ = group.follow([eth0])
    var (now, delays): (Int64, [Int64]) = (0, [])
    for _ in 0..<7 {
      guard let time = group.state.retryTime(now: now) else { break }
      // Repeated calls do not change it.
      #expect(group.state.retryTime(now: time - 1) == time)
      delays.append((time - now) / 1_000_000_000)
      now = time
    }
    #expect(delays == [1, 2, 4, 8, 16, 30, 30])
    group.refused = [:]
    _ = group.follow([eth0])
    #expect(group.state.retryTime(now: now) == nil)
    group.refused[2] = refusal(EPERM)
    _ = group.follow([eth0])
    #expect(group.state.retryTime(now: now) == now + 1_000_000_000)
  }

  @Test("interfaces are independent of one another")
  func several() {
    var group = Subscription()
    let (lo, eth1) = (interface(1, "lo"), interface(3, "eth1"))
    _ = group.follow([lo, eth0])
    group.refused[2] = refusal(ENODEV)
    #expect(group.follow([lo, eth1, eth0]) == [.began(eth1), .refused(eth0, refusal(ENODEV))])
    #expect(group.names == ["lo", "eth1"])
  }

  @Test("a lost carrier is reported once, and its return sends a membership report")
  func carrier() {
    var group = Subscription()
    let unplugged = interface(2, "eth0", hasCarrier: false)
    #expect(group.follow([unplugged]) == [.began(unplugged), .carrierLost(unplugged)])
    #expect(group.follow([unplugged]) == [])
    #expect(group.state.withoutCarrier == [2])
    #expect(group.follow([eth0]) == [.carrierBack(eth0)])
    #expect(group.run.last == .renew(eth0) && group.state.withoutCarrier.isEmpty)
    #expect(group.follow([unplugged]) == [.carrierLost(unplugged)])
    #expect(group.follow([]) == [.ended(unplugged)])
    #expect(group.state.withoutCarrier.isEmpty)
  }

  @Test("a renewal that is refused ends the membership, so that it is joined anew")
  func renewalRefused() {
    var group = Subscription()
    _ = group.follow([eth0])
    group.refused[2] = refusal(ENOBUFS)
    let directive = group.state.fellSilent(2, at: 10, last: 5, interval: 1, isNetwork: true)
    #expect(directive == .renew(eth0))
    #expect(directive.map { group.carryOut($0, at: 10) } == [.refused(eth0, refusal(ENOBUFS))])
    #expect(group.names.isEmpty && group.state.retryTime(now: 10) != nil)
    group.refused = [:]
    #expect(group.follow([eth0]) == [.began(eth0)])
  }
}

/// A switch that expires memberships: the group falls silent some time after the join, and is heard again
/// after a rejoin.
struct QuerierProbeTests {
  private static let second: Int64 = 1_000_000_000

  /// Joined on eth0 at 0.
  private func joined() -> Subscription {
    var group = Subscription()
    _ = group.follow([interface(2, "eth0")], at: 0)
    return group
  }

  /// Heard until `seconds` after `start`, silent 6 s later, and heard again `delay` seconds after that.
  private func cure(
    _ group: inout Subscription, heardFor seconds: Int64, isNetwork: Bool, from start: Int64 = 0,
    delay: Int64 = 1, interval: Int64 = second
  ) -> Int64? {
    let last = start + seconds * Self.second
    let silent = last + 6 * Self.second
    if let directive = group.state.fellSilent(
      2, at: silent, last: last, interval: interval, isNetwork: isNetwork)
    {
      _ = group.carryOut(directive, at: silent)
    }
    return group.state.heard(2, at: silent + delay * Self.second)
  }

  @Test("a network that is heard at once after a rejoin had an expired membership")
  func network() {
    var group = joined()
    #expect(cure(&group, heardFor: 100, isNetwork: true) == 100 * Self.second)
  }

  @Test("the membership of an adopted socket counts from its adoption")
  func adopted() {
    var group = Subscription()
    _ = group.state.note(.join(interface(2, "eth0")), .isMember, at: 50 * Self.second)
    #expect(cure(&group, heardFor: 100, isNetwork: true) == 50 * Self.second)
  }

  @Test("without a membership nothing is tried and nothing is reported")
  func unknown() {
    var group = Subscription()
    #expect(cure(&group, heardFor: 100, isNetwork: true) == nil)
    #expect(group.run.isEmpty)
  }

  @Test("a peer that is heard much later returned by itself")
  func late() {
    var group = joined()
    #expect(cure(&group, heardFor: 100, isNetwork: true, delay: 4) == nil)
    #expect(cure(&group, heardFor: 260, isNetwork: false, delay: 4) == nil)
  }

  @Test("for a single peer the time must be the usual one, or the same twice")
  func single() {
    var usual = joined()
    #expect(cure(&usual, heardFor: 260, isNetwork: false) == 260 * Self.second)

    var odd = joined()
    #expect(cure(&odd, heardFor: 100, isNetwork: false) == nil)
    #expect(cure(&odd, heardFor: 60, isNetwork: false, from: 106 * Self.second) == nil)
    #expect(cure(&odd, heardFor: 61, isNetwork: false, from: 172 * Self.second) == 61 * Self.second)
  }

  @Test("a sender that pauses after every few beats is no missing querier", arguments: [second, second / 10])
  func pausing(interval: Int64) {
    var group = joined()
    for round: Int64 in 0..<5 {
      let start = round * 16 * Self.second
      #expect(cure(&group, heardFor: 10, isNetwork: false, from: start, interval: interval) == nil)
    }
  }

  @Test("a missing querier is reported once an hour, and not for an interface that was left")
  func once() {
    var group = joined()
    #expect(cure(&group, heardFor: 260, isNetwork: true) != nil)
    #expect(cure(&group, heardFor: 260, isNetwork: true, from: 266 * Self.second) == nil)
    #expect(cure(&group, heardFor: 260, isNetwork: true, from: 4000 * Self.second) != nil)
    _ = group.state.fellSilent(
      2, at: 9000 * Self.second, last: 8994 * Self.second, interval: 0, isNetwork: true)
    _ = group.follow([])
    #expect(group.state.heard(2, at: 9001 * Self.second) == nil)
  }

  @Test("peers that fall silent together are one silence")
  func together() {
    var group = joined()
    for last: Int64 in [260, 261] {
      if let directive = group.state.fellSilent(
        2, at: 267 * Self.second, last: last * Self.second, interval: Self.second, isNetwork: false)
      {
        _ = group.carryOut(directive, at: 267 * Self.second)
      }
    }
    #expect(group.state.heard(2, at: 268 * Self.second) == 260 * Self.second)
  }
}
