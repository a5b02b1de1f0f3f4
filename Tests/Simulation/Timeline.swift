// SPDX-License-Identifier: Apache-2.0

/// What is to happen in a world.
enum Occasion: UInt8, AgendaOccasion {
  /// A datagram reaches a port: `a` is its place in the pool, `b` the port, negative for a copy.
  case arrival
  /// A process of generation `a` is to send.
  case beat
  /// The tick of a process that hears nothing.
  case housekeeping
  /// A judgement at a deadline.
  case deadline
  /// A process reads what waits: it was scheduled late, or was stopped.
  case wake
  /// A process compares its interfaces with those that are there.
  case reconcile
  /// Fault number `a` begins, or ends.
  case faultBegins
  case faultEnds
  /// The checkpoint that a crash will leave, of a process of generation `a`.
  case checkpoint
  /// A process of generation `a` is killed.
  case crash
  /// A process begins, with what `a` says.
  case start
  /// A forger sends, for fault number `a`.
  case forgery
  /// The oracle compares files with tables and memory with its bounds.
  case audit

  var isArrival: Bool { self == .arrival }
}

/// What is to happen in a simulation.
protocol AgendaOccasion {
  /// Whether it is a datagram on its way: of these there are more than of all others.
  var isArrival: Bool { get }
}

typealias Timeline = Agenda<Occasion>
typealias Moment = AgendaMoment<Occasion>

/// An entry of the timeline. Times are nanoseconds of simulated time.
struct AgendaMoment<Occasion> {
  var time: Int64
  /// Entries of the same time happen in the order in which they were made.
  var order: UInt64
  var occasion: Occasion
  var host: Int32
  var a: Int32
  var b: Int32
}

/// The one queue of all that is to happen, ordered by time and then by number.
struct Agenda<Occasion: AgendaOccasion> {
  /// Datagrams on their way are most of what happens, and come within milliseconds: in one heap each would be
  /// moved past the timers of a second and more.
  private var arrivals = Moments<Occasion>()
  private var others = Moments<Occasion>()
  private var made: UInt64 = 0

  var count: Int { arrivals.heap.count + others.heap.count }

  mutating func add(_ occasion: Occasion, at time: Int64, host: Int, a: Int = 0, b: Int = 0) {
    made += 1
    let moment = AgendaMoment(
      time: time, order: made, occasion: occasion, host: Int32(host), a: Int32(a), b: Int32(b))
    if occasion.isArrival { arrivals.add(moment) } else { others.add(moment) }
  }

  /// The next entry, if it comes no later than this.
  mutating func next(until end: Int64) -> AgendaMoment<Occasion>? {
    arrivals.isFirst(before: others) ? arrivals.take(until: end) : others.take(until: end)
  }
}

/// A heap with four children a place.
private struct Moments<Occasion> {
  typealias Moment = AgendaMoment<Occasion>

  private(set) var heap: [Moment] = []

  init() { heap.reserveCapacity(4096) }

  @inline(__always)
  private static func isBefore(_ one: Moment, _ other: Moment) -> Bool {
    one.time != other.time ? one.time < other.time : one.order < other.order
  }

  @inline(__always)
  func isFirst(before other: Moments) -> Bool {
    guard let first = heap.first else { return false }
    guard let second = other.heap.first else { return true }
    return Self.isBefore(first, second)
  }

  mutating func add(_ moment: Moment) {
    heap.append(moment)
    heap.withUnsafeMutableBufferPointer { heap in
      var place = heap.count - 1
      while place > 0 {
        let parent = (place - 1) >> 2
        guard Self.isBefore(moment, heap[parent]) else { break }
        heap[place] = heap[parent]
        place = parent
      }
      heap[place] = moment
    }
  }

  mutating func take(until end: Int64) -> Moment? {
    guard let first = heap.first, first.time <= end else { return nil }
    let last = heap.removeLast()
    let count = heap.count
    guard count > 0 else { return first }
    heap.withUnsafeMutableBufferPointer { heap in
      var place = 0
      while true {
        let firstChild = place << 2 + 1
        guard firstChild < count else { break }
        var least = firstChild
        var child = firstChild + 1
        let end = min(firstChild + 4, count)
        while child < end {
          if Self.isBefore(heap[child], heap[least]) { least = child }
          child += 1
        }
        guard Self.isBefore(heap[least], last) else { break }
        heap[place] = heap[least]
        place = least
      }
      heap[place] = last
    }
    return first
  }
}
