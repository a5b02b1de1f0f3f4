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

  @Test("it joins where it should and leaves where it should not")
  func follows() {
    let subscription = GroupSubscription(receiver, sources: [])
    #expect(subscription.follow([lo]) == [.began(lo)])
    #expect(isMember(lo) && subscription.interfaces == [lo])
    #expect(subscription.follow([lo]) == [])
    #expect(subscription.follow([]) == [.ended(lo)])
    #expect(!isMember(lo) && subscription.interfaces.isEmpty)
  }

  @Test("a membership that the kernel took away is had again")
  func lost() {
    let subscription = GroupSubscription(receiver, sources: [])
    _ = subscription.follow([lo])
    receiver.leave(interfaceIndex: lo.index)
    #expect(subscription.follow([lo]) == [])
    #expect(isMember(lo))
  }

  @Test("an interface that is not there is refused, and the others are joined")
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

  @Test("sources that the kernel refuses end the membership, and it is had again with those that it takes")
  func sources() {
    let subscription = GroupSubscription(receiver, sources: [])
    _ = subscription.follow([lo])
    // The kernel takes 10 sources (igmp_max_msf) unless it is told otherwise.
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

  @Test("everything is left at the end")
  func leavesAll() {
    let subscription = GroupSubscription(receiver, sources: [])
    _ = subscription.follow([lo])
    subscription.leaveAll()
    #expect(!isMember(lo) && subscription.interfaces.isEmpty)
  }
}
