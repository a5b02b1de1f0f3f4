// SPDX-License-Identifier: Apache-2.0

import Glibc
import Multicast
import Platform
import Settings

/// The subscription of `watch`: a socket, joined on the interfaces of the settings. Confined to one queue.
final class WatchSubscription {
  private let settings: Settings
  private let subscription: GroupSubscription
  private var members: [UInt32: NetworkInterface] = [:]
  private var waitingFor: [String] = []
  /// The names of the interfaces of the settings, present or not; nil for any.
  private(set) var awaited: Set<String>?
  private var loop: ReceiveLoop
  private var drops: DropCounter

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
    (waitingFor, awaited) = (plan.waitingFor, plan.names)
    let changes = subscription.follow(plan.usable)
    members = Dictionary(subscription.interfaces.map { ($0.index, $0) }) { first, _ in first }
    for case .refused(_, let error) in changes { throw error }
  }

  /// Datagrams dropped by the kernel at the socket since the last call.
  func takeDrops() -> Int { Int(drops.update(receiver.kernelDrops)) }

  /// Reads until the socket is empty, for 20 ms at most.
  ///
  /// - Parameters:
  ///   - begin: Called before each batch, with the time in nanoseconds of CLOCK_MONOTONIC.
  ///   - body: Called with each datagram to the group, and its interface.
  ///   - end: Called after each batch that was read.
  func drain(
    begin: (Int64) -> Void = { _ in }, _ body: (borrowing ReceivedDatagram, NetworkInterface) -> Void,
    end: (ReadBatch) -> Void = { _ in }
  ) throws(MulticastError) {
    var failure: MulticastError?
    _ = loop.turn { now in
      begin(now)
      do throws(MulticastError) {
        let batch = try readBatch(now: now, body)
        end(batch)
        return batch.count
      } catch {
        failure = error
        return 0
      }
    }
    if let failure { throw failure }
  }

  private func readBatch(
    now: Int64, _ body: (borrowing ReceivedDatagram, NetworkInterface) -> Void
  ) throws(MulticastError) -> ReadBatch {
    var stamp: Int64 = 0
    let count = try receiver.receive { datagram in
      stamp = datagram.receivedNanoseconds
      guard datagram.destination == group.address, let interface = members[datagram.interfaceIndex] else {
        return
      }
      body(datagram, interface)
    }
    return ReadBatch(
      count: count,
      end: count < MulticastReceiver.batchSize ? .emptied(at: now) : .reached(stamp: stamp))
  }
}

/// What one batch has read of the socket.
struct ReadBatch: Sendable {
  /// How far reading has come.
  enum End: Sendable {
    /// Everything was read that had arrived by then, in nanoseconds of CLOCK_MONOTONIC.
    case emptied(at: Int64)
    /// More may wait. The receive stamp of the last datagram, in nanoseconds of CLOCK_REALTIME.
    case reached(stamp: Int64)
  }

  /// Datagrams of any kind.
  var count: Int
  var end: End
}
