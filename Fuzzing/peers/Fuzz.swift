// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Liveness

/// No beats, whatever their times, ports and distance, make the table trap, for as many simulated days as the
/// input has beats for, and its counts are always right.
///
/// Each twelve bytes are one event: what happens, whose, how long after the one before, and the sender's
/// time.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  var input = Input(bytes: UnsafeRawBufferPointer(start: bytes, count: count))
  var table = PeerTable<UInt8>(capacity: 6)
  table.expect { id, _ in id == 0 }
  var now: Int64 = 0
  var payloads = [Int64](repeating: 1_790_000_000_000_000, count: 16)
  var numbers = [UInt64](repeating: 0, count: 16)
  var suspended: Impediment?
  while let event = input.event() {
    // 0 ns to 2.2 days, by powers of two with a mantissa.
    now += Int64(event.mantissa) << Int64(event.exponent % 40)
    let sender = event.sender % 16
    switch event.kind % 16 {
    case 0:
      table.noteKernelDrops(
        Int(event.value & 0xff_ffff), read: Int(event.sender), from: now - 1_000_000_000, to: now)
    case 1:
      let impediment = Impediment.allCases[Int(sender) % Impediment.allCases.count]
      if let suspended { table.resume(suspended, at: now) } else { table.suspend(impediment, since: now) }
      suspended = suspended == nil ? impediment : nil
    case 2: _ = table.takeEvents(limit: Int(event.sender))
    case 3: table.expect { id, _ in id == sender }
    case 4: table.capacity = 1 + Int(sender)
    case 5...8: payloads[Int(sender)] = event.value
    // A step as long as the gap, or five quarters of it.
    case 9...12: payloads[Int(sender)] &+= now / 1000
    default: payloads[Int(sender)] &+= event.value % 5_000_000_000
    }
    // The odd ones number their beats, as they like.
    var said: Announcement?
    if sender % 2 == 1 {
      numbers[Int(sender)] &+= event.value > 0 ? 1 : UInt64(bitPattern: event.value)
      said = Announcement()
      said?.run = UInt64(event.exponent >> 6)
      said?.sequence = numbers[Int(sender)]
      said?.every = Int64(event.mantissa) * 10_000_000
      said?.isGoodbye = event.exponent & 0x20 != 0
    }
    table.heard(
      HeartbeatArrival(
        arrival: now, payload: payloads[Int(sender)],
        wallClock: event.kind & 0x80 == 0 ? now / 1000 : event.value,
        port: UInt16(event.mantissa), said: said), from: sender)
    table.judge(at: now, hearsItself: event.kind & 0x40 == 0)
  }
  var counts = PeerCounts()
  table.forEachPeer { peer in
    precondition(peer.interval >= 10_000_000 && peer.interval <= 3_600_000_000_000)
    precondition(peer.lastHeard <= now && peer.stateSince <= now)
    switch peer.state {
    case .alive: counts.alive += 1
    case .late: counts.late += 1
    case .silent: counts.silent += 1
    case .left: counts.left += 1
    case .unknown: counts.unknown += 1
    }
  }
  counts.refused = table.counts.refused
  precondition(counts == table.counts)
  _ = table.takeEvents(limit: .max)
  precondition(!table.hasEvents)
  return 0
}

private struct Input {
  struct Event {
    var kind: UInt8
    var sender: UInt8
    var exponent: UInt8
    var mantissa: UInt8
    var value: Int64
  }

  var bytes: UnsafeRawBufferPointer
  private var offset = 0

  init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  mutating func event() -> Event? {
    guard offset + 12 <= bytes.count else { return nil }
    defer { offset += 12 }
    return Event(
      kind: bytes[offset], sender: bytes[offset + 1], exponent: bytes[offset + 2],
      mantissa: bytes[offset + 3],
      value: bytes.loadUnaligned(fromByteOffset: offset + 4, as: Int64.self))
  }
}
