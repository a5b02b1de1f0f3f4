// SPDX-License-Identifier: Apache-2.0

/// Which peers are not yet told of as they are: what was said of each last, and one bit each for those that
/// changed since. It takes the place of a queue of events, which a flood of forged sources fills faster than
/// files and journal empty it: a peer that changes ten times before its turn is told of once, as it is then.
struct Announcements: Sendable {
  /// What was said of a peer last.
  enum Said: UInt8, Sendable {
    case nothing
    case alive
    case unknown
    case silent
  }

  /// Slots in the order in which they changed, each at most once.
  private struct Line {
    private var slots: [Int32] = []
    private var head = 0
    private var isIn: [Bool] = []

    var isEmpty: Bool { head == slots.count }

    mutating func append(_ slot: Int) {
      while isIn.count <= slot { isIn.append(false) }
      guard !isIn[slot] else { return }
      isIn[slot] = true
      slots.append(Int32(slot))
    }

    mutating func popFirst() -> Int? {
      guard head < slots.count else { return nil }
      let slot = Int(slots[head])
      head += 1
      isIn[slot] = false
      if head * 2 >= slots.count {
        slots.removeFirst(head)
        head = 0
      }
      return slot
    }
  }

  private var said: [Said] = []
  private var established = Line()
  private var newcomers = Line()

  var isEmpty: Bool { established.isEmpty && newcomers.isEmpty }

  func said(of slot: Int) -> Said { slot < said.count ? said[slot] : .nothing }

  mutating func set(_ what: Said, of slot: Int) {
    while said.count <= slot { said.append(.nothing) }
    said[slot] = what
  }

  /// A peer changed. It may be in both lines; the second time there is nothing to say of it.
  mutating func note(_ slot: Int, isEstablished: Bool) {
    if isEstablished { established.append(slot) } else { newcomers.append(slot) }
  }

  mutating func popEstablished() -> Int? { established.popFirst() }
  mutating func popNewcomer() -> Int? { newcomers.popFirst() }
}
