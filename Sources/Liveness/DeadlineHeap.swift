// SPDX-License-Identifier: Apache-2.0

/// A binary heap of deadlines, at most one a slot, indexed by slot. The unit is the caller's: nanoseconds
/// everywhere here.
package struct DeadlineHeap: Sendable {
  private struct Entry {
    var deadline: Int64
    var slot: Int32
  }

  private var entries: [Entry] = []
  /// Where each slot's entry is, -1 for none.
  private var places: [Int32] = []

  /// No deadlines.
  package init() {}

  /// The earliest deadline and its slot.
  package var first: (deadline: Int64, slot: Int)? {
    entries.first.map { ($0.deadline, Int($0.slot)) }
  }

  /// How many slots have a deadline.
  var count: Int { entries.count }

  /// Sets the deadline of a slot, which may have one already.
  package mutating func set(_ deadline: Int64, for slot: Int) {
    while places.count <= slot { places.append(-1) }
    let entry = Entry(deadline: deadline, slot: Int32(slot))
    let place = Int(places[slot])
    if place < 0 {
      entries.append(entry)
      places[slot] = Int32(entries.count - 1)
      rise(from: entries.count - 1)
    } else if deadline < entries[place].deadline {
      entries[place] = entry
      rise(from: place)
    } else {
      entries[place] = entry
      sink(from: place)
    }
  }

  /// Removes the deadline of a slot, if it has one.
  package mutating func remove(_ slot: Int) {
    guard slot < places.count, places[slot] >= 0 else { return }
    let place = Int(places[slot])
    places[slot] = -1
    let last = entries.removeLast()
    guard place < entries.count else { return }
    entries[place] = last
    places[Int(last.slot)] = Int32(place)
    rise(from: place)
    sink(from: Int(places[Int(last.slot)]))
  }

  private mutating func rise(from start: Int) {
    var place = start
    let entry = entries[place]
    while place > 0 {
      let parent = (place - 1) / 2
      guard entry.deadline < entries[parent].deadline else { break }
      put(entries[parent], at: place)
      place = parent
    }
    put(entry, at: place)
  }

  private mutating func sink(from start: Int) {
    var place = start
    let entry = entries[place]
    while true {
      var child = 2 * place + 1
      guard child < entries.count else { break }
      if child + 1 < entries.count, entries[child + 1].deadline < entries[child].deadline { child += 1 }
      guard entries[child].deadline < entry.deadline else { break }
      put(entries[child], at: place)
      place = child
    }
    put(entry, at: place)
  }

  private mutating func put(_ entry: Entry, at place: Int) {
    entries[place] = entry
    places[Int(entry.slot)] = Int32(place)
  }
}
