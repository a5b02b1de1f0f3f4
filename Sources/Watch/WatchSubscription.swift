// SPDX-License-Identifier: Apache-2.0

import Glibc
import Heartbeat
import Liveness
import Multicast
import Platform
import Settings

/// The subscription that `watch` has of its own: a socket, joined wherever the settings say. Belongs to one
/// queue.
final class WatchSubscription {
  /// Others on the queue get their turn at least this often (ns).
  private static let turn: Int64 = 20_000_000

  private let settings: Settings
  private let receiver: MulticastReceiver
  private var members: [UInt32: NetworkInterface] = [:]
  private var waitingFor: [String] = []
  private var pace: ReceivePace
  private var drops = DropCount(baseline: 0)
  private var read = 0
  /// When the socket was last seen empty, in nanoseconds of CLOCK_MONOTONIC.
  package private(set) var emptyAt = MonotonicClock.now()

  init(_ settings: Settings) throws(MulticastError) {
    self.settings = settings
    receiver = try MulticastReceiver(
      group: settings.subscribe.endpoint, receiveBuffer: settings.receiveBuffer)
    pace = ReceivePace(receiveBuffer: receiver.grantedReceiveBuffer, now: MonotonicClock.now())
  }

  var group: Endpoint { receiver.group }
  var descriptor: Int32 { receiver.descriptor }
  /// Where the group is joined.
  var interfaces: [NetworkInterface] { members.values.sorted { $0.name < $1.name } }
  /// Their names, or what is waited for.
  var place: String {
    members.isEmpty
      ? "waiting for \(waitingFor.joined(separator: ", "))" : interfaces.map(\.name).joined(separator: ", ")
  }

  /// Joins on what there is now, and leaves what is no more.
  func join() throws(MulticastError) {
    let direction = settings.subscribe
    let table = try InterfaceTable.read()
    let route = try RouteQuery.interfaceIndex(to: direction.group)
    let plan = InterfacePlan(
      direction.interfaces, group: direction.group, isSending: false, table: table, route: route)
    let wanted = plan.usable
    waitingFor = plan.waitingFor
    for index in members.keys where !wanted.contains(where: { $0.index == index }) {
      receiver.leave(interfaceIndex: index)
      members[index] = nil
    }
    for interface in wanted {
      if members[interface.index] == nil {
        try receiver.join(interfaceIndex: interface.index, sources: settings.sources)
      }
      members[interface.index] = interface
    }
  }

  /// What the kernel dropped at the socket since the last call.
  func takeDrops() -> Int { Int(drops.update(receiver.kernelDrops)) }

  /// How many datagrams were read since the last call, whatever they were.
  func takeRead() -> Int {
    defer { read = 0 }
    return read
  }

  /// Reads until the socket is empty, for 20 ms at most; where much arrives it rests for some of them, so
  /// that one wake-up serves many datagrams.
  ///
  /// - Parameter body: Given each datagram to our group, the interface, and when it arrived in nanoseconds of
  ///   CLOCK_MONOTONIC.
  /// - Returns: Whether all that waited was read.
  func drain(
    _ body: (borrowing ReceivedDatagram, NetworkInterface, Int64) -> Void
  ) throws(MulticastError) -> Bool {
    let started = MonotonicClock.now()
    var total = 0
    while true {
      let now = MonotonicClock.now()
      guard now - started < Self.turn else { return false }
      let clock = ArrivalClock(realtime: MonotonicClock.wallClock(), monotonic: now, emptyAt: emptyAt)
      let count = try receiver.receive { datagram in
        guard datagram.destination == group.address, let interface = members[datagram.interfaceIndex] else {
          return
        }
        body(datagram, interface, clock.arrival(stamp: datagram.receivedNanoseconds))
      }
      total += count
      read += count
      if count < MulticastReceiver.batchSize {
        emptyAt = now
        rest(after: total)
        return true
      }
    }
  }

  private func rest(after count: Int) {
    let rest = pace.drained(count, now: MonotonicClock.now())
    guard rest > 0 else { return }
    // On this queue, as Subscriber does: no wake-up for each datagram, and none by a timer.
    var pause = timespec(tv_sec: 0, tv_nsec: Int(rest))
    nanosleep(&pause, nil)
  }
}
