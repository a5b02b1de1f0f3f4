// SPDX-License-Identifier: Apache-2.0

import Glibc
import Multicast
import Platform

/// A few seconds of listening to the groups, with what the kernel counted meanwhile.
struct Listening {
  /// What the doctor's sockets heard, as the wire tap has it for what arrived.
  package private(set) var heard: [PacketCapture.Place: PacketCapture.Arrivals] = [:]
  /// Datagrams that the reverse-path filter dropped meanwhile, on any interface; `nil` where the count is hidden.
  private(set) var reversePathDrops: UInt64?

  init(_ context: DoctorContext) {
    let groups = Set(context.receptions.filter(\.use.receives).map { "\($0.use.group)" }).sorted()
    let duration = context.plan.listening
    if !groups.isEmpty {
      context.progress("listening to \(groups.joined(separator: ", ")) for \(DurationText.seconds(duration))")
    }
    let before = ProcCounter.reversePathFilter()
    let receivers = context.receptions.compactMap(\.receiver)
    // The sockets first here, and last below: what the wire has in between was heard, or could have been.
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
      // Until its queue is empty, and no longer than it takes to read a full one.
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
