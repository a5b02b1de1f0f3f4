// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Multicast
import Platform

/// An interface of a host, on a network: what the kernel knows of it.
struct Port {
  let host: Int
  /// Its number among those of the host.
  let number: Int
  let network: Int
  let name: String
  let address: IPAddress
  /// The kernel's index; another one after the interface was removed and made again.
  var index: UInt32
  var exists = true
  var isUp = true
  var hasCarrier = true
  /// Whether the host's socket is a member there.
  var isJoined = false
  /// A firewall keeps the host's own datagrams from being looped back.
  var isLoopCut = false
  /// Whether it changed since the host's process looked.
  var isUnnoticed = false
  /// Faults of the link by which datagrams come in.
  var link = Link()
  /// When a snooping switch without a querier forgets the membership, in simulated nanoseconds.
  var snoopedUntil: Int64 = .max

  /// Whether datagrams of the network reach the host.
  var isLinked: Bool { exists && isUp && hasCarrier }

  var interface: NetworkInterface {
    var flags = UInt32(IFF_MULTICAST | IFF_BROADCAST)
    if isUp { flags |= UInt32(IFF_UP) }
    if isUp && hasCarrier { flags |= UInt32(CLINUX_IFF_LOWER_UP) | UInt32(IFF_RUNNING) }
    return NetworkInterface(index: index, name: name, flags: flags, addresses: [address])
  }
}

/// A receive socket: a queue of limited size and a count of what found no room, as SO_RXQ_OVFL has it. It
/// outlives the process where the service manager keeps it.
final class SimulatedSocket {
  struct Entry {
    var datagram: Int32
    var port: Int32
    /// The kernel's index of the port when it arrived.
    var index: UInt32
    /// CLOCK_REALTIME of the host.
    var stamp: Int64
    /// Simulated time, and what `Audibility` of the port read.
    var arrived: Int64
    var audible: Int64
    var isCopy: Bool
  }

  /// Datagrams that find room.
  let limit: Int
  private(set) var drops: UInt32 = 0
  /// Share of the datagrams that are dropped although there is room.
  var dropShare = 0.0
  private var entries: [Entry] = []
  private var head = 0
  private(set) var count = 0

  init(limit: Int) { self.limit = limit }

  var isFull: Bool { count >= limit }

  func add(_ entry: Entry) {
    entries.append(entry)
    count += 1
  }

  func drop() { drops &+= 1 }

  /// The oldest, which stay until `remove`.
  func entry(_ place: Int) -> Entry { entries[head + place] }

  func remove(_ count: Int) {
    head += count
    self.count -= count
    if self.count == 0 {
      // One at a time, which mostly it is: what removes many costs more.
      while !entries.isEmpty { entries.removeLast() }
    } else if head > 1024 {
      entries.removeFirst(head)
    } else {
      return
    }
    head = 0
  }
}
