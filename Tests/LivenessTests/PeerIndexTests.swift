// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Liveness

struct PeerIndexTests {
  /// What the index is to say, in the plainest way: slots by identity.
  private struct Model {
    var slots: [UInt64: Int] = [:]
    var ids: [UInt64] = []
    var free: [Int] = []

    mutating func insert(_ id: UInt64) -> Int {
      let slot = free.popLast() ?? ids.count
      if slot == ids.count { ids.append(id) } else { ids[slot] = id }
      slots[id] = slot
      return slot
    }

    mutating func remove(_ id: UInt64) -> Int? {
      guard let slot = slots.removeValue(forKey: id) else { return nil }
      free.append(slot)
      return slot
    }
  }

  @Test(
    "it finds what a dictionary finds, whatever comes and goes and however the hashes collide",
    arguments: 1...10, [UInt64.max, 0xff, 0x7, 0])
  func model(seed: Int, mask: UInt64) {
    var random = SeededRandom(testSeed: UInt64(seed))
    var model = Model()
    var index = PeerIndex()
    // Few bits of it make runs that lie over one another and over the end of the table.
    func hash(_ id: UInt64) -> UInt64 { (id &* 0x9e37_79b9_7f4a_7c15) >> 20 & mask }
    func found(_ id: UInt64) -> Int? { index.slot(hash: hash(id)) { model.ids[$0] == id } }
    for step in 0..<2000 {
      let id = UInt64(random.below(300))
      // It grows, and then shrinks.
      if random.chance(step < 1000 ? 0.6 : 0.3) {
        if model.slots[id] == nil { index.insert(model.insert(id), hash: hash(id)) }
      } else if let slot = model.remove(id) {
        index.remove(slot, hash: hash(id))
      }
      #expect(found(id) == model.slots[id])
      #expect(index.count == model.slots.count)
    }
    for id in 0..<UInt64(300) { #expect(found(id) == model.slots[id]) }
  }

  @Test("a slot that is not in it is not taken out, and a hash alone finds nothing")
  func absent() {
    var index = PeerIndex()
    index.insert(3, hash: 7)
    index.remove(4, hash: 7)
    index.remove(3, hash: 8)
    #expect(index.count == 1)
    #expect(index.slot(hash: 7) { _ in false } == nil && index.slot(hash: 7) { $0 == 3 } == 3)
  }

  @Test("a peer takes five cache lines and a half")
  func size() { #expect(MemoryLayout<Peer>.stride == 352, "\(MemoryLayout<Peer>.size)") }
}
