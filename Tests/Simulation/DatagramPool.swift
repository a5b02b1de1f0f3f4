// SPDX-License-Identifier: Apache-2.0

import Platform

/// The datagrams that are on their way or wait in sockets, each once, however many hosts it goes to.
final class DatagramPool {
  /// Bytes of a payload that are kept; none that is sent is longer.
  static let longest = 64

  struct Entry {
    var source: Endpoint
    /// Of the group, or of another one.
    var destination: IPAddress
    var size: Int
    /// The port that sent it, or whose address it carries; -1 for none of the world's.
    var sender: Int32
    /// Whether the host at that address sent it.
    var isGenuine: Bool
    var isHeartbeat: Bool
    /// Deliveries under way and places in sockets.
    var references: Int32
  }

  private(set) var entries: [Entry] = []
  private var payloads: UnsafeMutableRawPointer
  private var room = 4096
  private var free: [Int32] = []

  init() { payloads = .allocate(byteCount: 4096 * Self.longest, alignment: 16) }

  deinit { payloads.deallocate() }

  /// How many datagrams there are.
  var count: Int { entries.count - free.count }

  /// Takes a datagram in, to which nothing refers yet.
  func add(_ entry: Entry, _ fill: (UnsafeMutableRawBufferPointer) -> Void) -> Int {
    let place: Int
    if let last = free.popLast() {
      place = Int(last)
      entries[place] = entry
    } else {
      place = entries.count
      entries.append(entry)
      if entries.count > room { grow() }
    }
    fill(UnsafeMutableRawBufferPointer(start: payloads + place * Self.longest, count: Self.longest))
    return place
  }

  private func grow() {
    let larger = UnsafeMutableRawPointer.allocate(byteCount: room * 2 * Self.longest, alignment: 16)
    larger.copyMemory(from: payloads, byteCount: room * Self.longest)
    payloads.deallocate()
    (payloads, room) = (larger, room * 2)
  }

  func note(_ place: Int, isHeartbeat: Bool) { entries[place].isHeartbeat = isHeartbeat }

  @inline(__always)
  func payload(_ place: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: payloads + place * Self.longest, count: entries[place].size)
  }

  @inline(__always)
  func retain(_ place: Int) { entries[place].references += 1 }

  @inline(__always)
  func release(_ place: Int) {
    entries[place].references -= 1
    if entries[place].references <= 0 { free.append(Int32(place)) }
  }
}
