// SPDX-License-Identifier: Apache-2.0

import Glibc
import Multicast
import Platform

/// The result of listening to the groups for a few seconds, with the kernel's counters over that time.
struct Listening {
  /// Datagrams received by the doctor's sockets, counted as the packet capture counts arrivals.
  private(set) var heard: [PacketCapture.Place: PacketCapture.Arrivals] = [:]
  /// Datagrams dropped by the reverse-path filter meanwhile, on any interface; `nil` where it cannot be read.
  private(set) var reversePathDrops: UInt64?

  init(_ context: DoctorContext) {
    let groups = Set(context.receptions.filter(\.use.receives).map { "\($0.use.group)" }).sorted()
    let duration = context.plan.listening
    if !groups.isEmpty {
      context.progress("listening to \(groups.joined(separator: ", ")) for \(DurationText.seconds(duration))")
    }
    let before = ProcCounter.reversePathFilter()
    let receivers = context.receptions.compactMap(\.receiver)
    // Sockets are drained before the capture starts and after it ends: all that it sees could have been
    // received.
    hear(receivers, except: context.payload)
    heard = [:]
    context.wire.forgetArrivals()
    let end = ContinuousClock.now + duration
    while true {
      hear(receivers, except: context.payload)
      context.wire.drain()
      let rest = end - .now
      guard rest > .zero else { break }
      Poll.wait(
        for: POLLIN, on: context.wire.descriptors + receivers.map(\.descriptor), atMost: rest)
    }
    hear(receivers, except: context.payload)
    if let before, let after = ProcCounter.reversePathFilter() { reversePathDrops = after &- before }
  }

  private mutating func hear(_ receivers: [MulticastReceiver], except probe: [UInt8]) {
    var heard = self.heard
    for receiver in receivers {
      // Until its queue is empty, with a bound for a sender that is faster than we read.
      for _ in 0..<1000 {
        let count = try? receiver.receive { datagram in
          guard datagram.destination == receiver.group.address, !datagram.payload.elementsEqual(probe) else {
            return
          }
          let place = PacketCapture.Place(interface: datagram.interfaceIndex, group: receiver.group)
          heard[place, default: PacketCapture.Arrivals()].count(datagram.source.address)
        }
        guard count == MulticastReceiver.batchSize else { break }
      }
    }
    self.heard = heard
  }
}
