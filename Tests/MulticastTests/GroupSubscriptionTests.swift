// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import Multicast
@testable import Platform

/// Real sockets on lo.
struct GroupSubscriptionTests {
  private let receiver: MulticastReceiver
  private let lo: NetworkInterface

  init() throws {
    receiver = try MulticastReceiver(group: Loopback.group(), receiveBuffer: 1 << 16)
    lo = try Loopback.interface()
  }

  private func isMember(_ interface: NetworkInterface) -> Bool {
    receiver.isMember(interfaceIndex: interface.index)
  }

  @Test("it joins on the wanted interfaces and leaves on all others")
  func follows() {
    let subscription = GroupSubscription(receiver, sources: [])
    #expect(subscription.follow([lo]) == [.began(lo)])
    #expect(isMember(lo) && subscription.interfaces == [lo])
    #expect(subscription.follow([lo]) == [])
    #expect(subscription.follow([]) == [.ended(lo)])
    #expect(!isMember(lo) && subscription.interfaces.isEmpty)
  }

  @Test("a membership that the kernel dropped is restored")
  func lost() {
    let subscription = GroupSubscription(receiver, sources: [])
    _ = subscription.follow([lo])
    receiver.leave(interfaceIndex: lo.index)
    #expect(subscription.follow([lo]) == [])
    #expect(isMember(lo))
  }

  @Test("a missing interface is refused, and the others are joined")
  func refused() {
    let subscription = GroupSubscription(receiver, sources: [])
    var gone = lo
    gone.index = 4096
    let changes = subscription.follow([gone, lo])
    guard case .refused(gone, let error) = changes.first else { return #expect(Bool(false), "\(changes)") }
    #expect(error.errno == ENODEV && Array(changes.dropFirst()) == [.began(lo)])
    #expect(subscription.retryTime(now: Clocks.monotonic()) != nil)
  }

  @Test("an adopted socket leaves what is not wanted any more", arguments: [true, false])
  func adopted(isWanted: Bool) throws {
    try receiver.join(interfaceIndex: lo.index)
    let subscription = GroupSubscription(receiver, sources: [], isAdopted: true)
    #expect(subscription.follow(isWanted ? [lo] : []) == (isWanted ? [.began(lo)] : []))
    #expect(isMember(lo) == isWanted)
  }

  @Test("refused sources end the membership, and accepted ones restore it")
  func sources() {
    let subscription = GroupSubscription(receiver, sources: [])
    _ = subscription.follow([lo])
    // The kernel accepts 10 sources by default (igmp_max_msf).
    let many = (1...200).map { IPAddress(family: .ipv4, high: 0, low: 0x7f00_0100 + UInt64($0)) }
    subscription.setSources(many)
    #expect(!isMember(lo) && subscription.interfaces.isEmpty)
    let changes = subscription.follow([lo])
    guard case .refused(lo, let error) = changes.first else { return #expect(Bool(false), "\(changes)") }
    #expect(error.errno == ENOBUFS)
    subscription.setSources([many[0]])
    #expect(subscription.follow([lo]) == [.began(lo)])
    #expect(isMember(lo))
  }

  @Test("leaveAll ends every membership")
  func leavesAll() {
    let subscription = GroupSubscription(receiver, sources: [])
    _ = subscription.follow([lo])
    subscription.leaveAll()
    #expect(!isMember(lo) && subscription.interfaces.isEmpty)
  }
}
