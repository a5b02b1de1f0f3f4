// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Platform

// Others who send to the group: a program that sends anything, one with many addresses, and one that repeats
// what it heard or takes the address of a host.
extension World {
  func beginForgery(_ fault: inout Fault) -> Bool {
    let port = fault.port
    fault.host = -1
    fault.port = ports[port].network
    fault.other = port
    fault.ends = min(fault.ends, now + .seconds(30))
    switch fault.kind {
    case .noise: fault.gap = chance.pick([1_000_000, 20_000_000, 500_000_000])
    case .flood:
      hasStrangers = true
      fault.gap = chance.pick([2_000_000, 20_000_000])
    default: fault.gap = chance.pick([30_000_000, 300_000_000, 1_000_000_000])
    }
    return true
  }

  func forge(_ number: Int) {
    let fault = faults[number]
    guard fault.gap > 0, fault.ends > now else { return }
    timeline.add(.forgery, at: now + chance.between(fault.gap / 2, fault.gap * 3 / 2), host: -1, a: number)
    let victim = ports[fault.other]
    let isOther = fault.kind == .flood || (fault.kind == .noise && chance.chance(0.5))
    let source = isOther ? stranger() : victim.address
    let isHeartbeat = fault.kind != .noise
    // A clock of its own, or one that was: a repeated heartbeat is up to two minutes old.
    let age: Int64 = fault.kind == .replay ? chance.between(0, 120_000_000_000) : 0
    let time = CivilTime(realtime: hosts[victim.host].clock.realtime(now) - age, zone: .utc)
    let kept = chance.below(Heartbeat.encodedSize)
    let cut = isHeartbeat ? Heartbeat.encodedSize : kept
    let isForeign = fault.kind == .noise && chance.chance(0.3)
    let datagram = pool.add(
      DatagramPool.Entry(
        source: Endpoint(source, port: UInt16(chance.between(1024, 65_535))),
        destination: isForeign ? IPAddress(family: .ipv4, high: 0, low: 0xe000_0001) : scenario.group.address,
        size: cut, sender: isOther ? -1 : Int32(fault.other), isGenuine: false,
        isHeartbeat: false, references: 0)
    ) { bytes in
      Heartbeat.encode(time, into: bytes)
      if !isHeartbeat, cut > 0 { bytes[cut / 2] = 0xff }
    }
    trace.add(.forged, at: now, host: -1, Int64(datagram), Int64(fault.other))
    pool.note(datagram, isHeartbeat: !isForeign && Heartbeat.matches(pool.payload(datagram)))
    spread(datagram, from: -1, over: fault.port, except: isOther ? -1 : fault.other)
  }

  /// One of a few thousand addresses that are no host's.
  private func stranger() -> IPAddress {
    let number = 0x1_0000 + UInt64(chance.below(5000))
    return switch scenario.group.address.family {
    case .ipv4: IPAddress(family: .ipv4, high: 0, low: 0x0a00_0000 + number)
    case .ipv6: IPAddress(family: .ipv6, high: 0xfe80 << 48, low: number)
    }
  }
}
