// SPDX-License-Identifier: Apache-2.0

/// The peers whose state has changed since it was last reported, each once, and what was reported of each.
///
/// It takes the place of a queue of events, which a flood of forged sources would fill faster than files and
/// journal empty it: a peer that changes ten times before its turn has one event, with its state at that
/// time.
struct Announcements: Sendable {
  /// The state of a peer that was reported last.
  enum Reported: UInt8, Sendable {
    case nothing
    case alive
    case unknown
    case silent
    case left
  }

  /// A queue of slots in the order in which they changed, each at most once.
  private struct SlotQueue {
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

  private var reported: [Reported] = []
  private var established = SlotQueue()
  private var newcomers = SlotQueue()

  /// Whether no peer has changed.
  var isEmpty: Bool { established.isEmpty && newcomers.isEmpty }

  /// What was reported last of the peer in a slot.
  func reported(of slot: Int) -> Reported { slot < reported.count ? reported[slot] : .nothing }

  /// Notes what was reported of the peer in a slot.
  mutating func set(_ what: Reported, of slot: Int) {
    while reported.count <= slot { reported.append(.nothing) }
    reported[slot] = what
  }

  /// A peer changed. It may be in both queues; the second time nothing has changed since.
  mutating func note(_ slot: Int, isEstablished: Bool) {
    if isEstablished { established.append(slot) } else { newcomers.append(slot) }
  }

  /// The established peer that changed first.
  mutating func popEstablished() -> Int? { established.popFirst() }
  /// The newcomer that changed first.
  mutating func popNewcomer() -> Int? { newcomers.popFirst() }
}

extension PeerState {
  /// What a peer in this state was reported as.
  var reported: Announcements.Reported {
    switch self {
    case .alive, .late: .alive
    case .silent: .silent
    case .left: .left
    case .unknown: .unknown
    }
  }
}

extension Announcements.Reported {
  var state: PeerState? {
    switch self {
    case .nothing: nil
    case .alive: .alive
    case .unknown: .unknown
    case .silent: .silent
    case .left: .left
    }
  }
}
