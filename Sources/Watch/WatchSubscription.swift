// SPDX-License-Identifier: Apache-2.0

import Glibc
import Heartbeat
import Liveness
import Multicast
import Platform
import Settings

/// The subscription of `watch`: a socket, joined on the interfaces of the settings. Confined to one queue.
final class WatchSubscription {
  /// Longest time that reading occupies the queue (ns).
  private static let turn: Int64 = 20_000_000

  private let settings: Settings
  private let subscription: GroupSubscription
  private var members: [UInt32: NetworkInterface] = [:]
  private var waitingFor: [String] = []
  private var loop: ReceiveLoop
  private var drops: DropCounter
  private var read = 0
  /// When the socket was last seen empty, in nanoseconds of CLOCK_MONOTONIC.
  package private(set) var emptyAt = Clocks.monotonic()

  init(_ settings: Settings) throws(MulticastError) {
    self.settings = settings
    let receiver = try MulticastReceiver(
      group: settings.subscribe.endpoint, receiveBuffer: settings.receiveBuffer)
    loop = ReceiveLoop(receiveBuffer: receiver.grantedReceiveBuffer)
    drops = DropCounter(of: receiver, directory: nil)
    subscription = GroupSubscription(receiver, sources: settings.sources)
  }

  private var receiver: MulticastReceiver { subscription.receiver }
  var group: Endpoint { receiver.group }
  var descriptor: Int32 { receiver.descriptor }
  /// Interfaces on which the group is joined, by name.
  var interfaces: [NetworkInterface] { subscription.interfaces.sorted { $0.name < $1.name } }
  /// Names of the joined interfaces, or the interfaces to wait for.
  var place: String {
    interfaces.isEmpty
      ? "waiting for \(waitingFor.joined(separator: ", "))" : interfaces.map(\.name).joined(separator: ", ")
  }

  /// Joins on the current interfaces and leaves those that are gone.
  ///
  /// - Throws: the first failed join, after all others were tried.
  func follow() throws(MulticastError) {
    let direction = settings.subscribe
    let plan = try InterfacePlan.receiving(direction.group, on: direction.interfaces)
    waitingFor = plan.waitingFor
    let changes = subscription.follow(plan.usable)
    members = Dictionary(subscription.interfaces.map { ($0.index, $0) }) { first, _ in first }
    for case .refused(_, let error) in changes { throw error }
  }

  /// Datagrams dropped by the kernel at the socket since the last call.
  func takeDrops() -> Int { Int(drops.update(receiver.kernelDrops)) }

  /// Datagrams of any kind read since the last call.
  func takeRead() -> Int {
    defer { read = 0 }
    return read
  }

  /// Reads until the socket is empty, for 20 ms at most.
  ///
  /// - Parameter body: Called with each datagram to the group, its interface, and its arrival in nanoseconds
  ///   of CLOCK_MONOTONIC.
  /// - Returns: Whether the socket was emptied.
  func drain(
    _ body: (borrowing ReceivedDatagram, NetworkInterface, Int64) -> Void
  ) throws(MulticastError) -> Bool {
    var failure: MulticastError?
    let isEmpty = loop.turn { now in
      do throws(MulticastError) {
        return try readBatch(now: now, body)
      } catch {
        failure = error
        return 0
      }
    }
    if let failure { throw failure }
    return isEmpty
  }

  private func readBatch(
    now: Int64, _ body: (borrowing ReceivedDatagram, NetworkInterface, Int64) -> Void
  ) throws(MulticastError) -> Int {
    let clock = ArrivalClock(realtime: Clocks.realtime(), monotonic: now, emptyAt: emptyAt)
    let count = try receiver.receive { datagram in
      guard datagram.destination == group.address, let interface = members[datagram.interfaceIndex] else {
        return
      }
      body(datagram, interface, clock.arrival(stamp: datagram.receivedNanoseconds))
    }
    read += count
    if count < MulticastReceiver.batchSize { emptyAt = now }
    return count
  }
}
