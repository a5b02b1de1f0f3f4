// SPDX-License-Identifier: Apache-2.0

/// Finds the slot of a peer by the hash of its identity: open addressing with linear probing, eight bytes a
/// place, at most half full, so that a look-up reads one cache line of it.
///
/// It knows no identities: who looks up compares that of a slot. The hash must be seeded, so that no sender
/// can choose addresses that make it search for long.
struct PeerIndex: Sendable {
  private struct Place {
    /// The low bits of the hash, which also say where the search begins.
    var mark: UInt32 = 0
    /// -1 for none.
    var slot: Int32 = -1
  }

  /// A power of two of them.
  private var places = [Place](repeating: Place(), count: 16)
  /// How many slots are in it.
  private(set) var count = 0

  private func next(_ place: Int) -> Int { (place + 1) & (places.count - 1) }
  private func start(_ mark: UInt32) -> Int { Int(mark) & (places.count - 1) }

  /// The slot of a peer; nil where it has none.
  ///
  /// - Parameter isMeant: Whether the peer in a slot with nearly the same hash is the one.
  @inline(__always)
  func slot(hash: UInt64, where isMeant: (Int) -> Bool) -> Int? {
    let mark = UInt32(truncatingIfNeeded: hash)
    var place = start(mark)
    while places[place].slot >= 0 {
      if places[place].mark == mark, isMeant(Int(places[place].slot)) { return Int(places[place].slot) }
      place = next(place)
    }
    return nil
  }

  /// Begins to fetch where a look-up will search.
  @inline(__always)
  func prefetch(hash: UInt64) { places.prefetch(start(UInt32(truncatingIfNeeded: hash))) }

  /// Puts in a slot that is not in it.
  mutating func insert(_ slot: Int, hash: UInt64) {
    if 2 * (count + 1) > places.count { grow() }
    put(Place(mark: UInt32(truncatingIfNeeded: hash), slot: Int32(slot)))
    count += 1
  }

  /// Takes a slot out, if it is in it, and moves up what was put behind it: a place that is marked as once
  /// used would make all searches longer (Knuth, TAOCP 6.4, algorithm R).
  mutating func remove(_ slot: Int, hash: UInt64) {
    var gap = start(UInt32(truncatingIfNeeded: hash))
    while places[gap].slot != slot {
      guard places[gap].slot >= 0 else { return }
      gap = next(gap)
    }
    var place = next(gap)
    while places[place].slot >= 0 {
      let home = start(places[place].mark)
      // Whether its search comes by the gap.
      if (place - home) & (places.count - 1) >= (place - gap) & (places.count - 1) {
        places[gap] = places[place]
        gap = place
      }
      place = next(place)
    }
    places[gap] = Place()
    count -= 1
  }

  private mutating func put(_ new: Place) {
    var place = start(new.mark)
    while places[place].slot >= 0 { place = next(place) }
    places[place] = new
  }

  private mutating func grow() {
    let old = places
    places = Array(repeating: Place(), count: 2 * old.count)
    for place in old where place.slot >= 0 { put(place) }
  }
}
