// SPDX-License-Identifier: Apache-2.0

/// What happened in a world, an entry an event: the last ones as they were, and a digest of all. Two runs
/// with the same digest were the same.
struct Trace {
  /// Kinds of entries, with the words that they are shown with; `a` and `b` follow.
  enum Kind: UInt8 {
    case sent, sendFailed, arrived, dropped, lost, deaf, read, told, reported, started, ended, checkpoint
    case reconciled, faultBegan, faultEnded, forged

    @inline(__always)
    fileprivate var isOfDatagram: Bool {
      switch self {
      case .sent, .arrived, .dropped, .lost, .deaf, .read, .forged: true
      default: false
      }
    }
  }

  struct Fact {
    var number: Int
    var time: Int64
    var kind: Kind
    var host: Int32
    var a: Int64
    var b: Int64
  }

  struct Entry {
    var fact: Fact
    /// Of those entries that have one.
    var text: String?
  }

  /// The last entries, so many. Of datagrams there are millions a second, so that their texts, of which they
  /// have none, are kept apart.
  private struct Ring<Kept> {
    static var size: Int { 64 }
    private var entries: [Kept] = []
    private var next = 0

    init() { entries.reserveCapacity(Self.size) }

    @inline(__always)
    mutating func keep(_ entry: Kept) {
      if entries.count < Self.size { entries.append(entry) } else { entries[next] = entry }
      next = (next + 1) & (Self.size - 1)
    }

    /// Oldest first.
    var all: [Kept] { entries.count < Self.size ? entries : Array(entries[next...] + entries[..<next]) }
  }

  private(set) var digest: UInt64 = 0xcbf2_9ce4_8422_2325
  private(set) var count = 0
  /// Datagrams on their way, and all else, which is rarer.
  private var datagrams = Ring<Fact>()
  private var others = Ring<Entry>()
  /// Gets every entry, where all are wanted.
  var show: ((Entry) -> Void)?

  /// - Parameter text: also of the digest.
  @inline(__always)
  mutating func add(
    _ kind: Kind, at time: Int64, host: Int, _ a: Int64 = 0, _ b: Int64 = 0, _ text: String? = nil
  ) {
    mix(UInt64(bitPattern: time) &+ UInt64(kind.rawValue) << 56)
    mix(UInt64(bitPattern: a) &+ UInt64(truncatingIfNeeded: host) << 40)
    mix(UInt64(bitPattern: b))
    if let text { for byte in text.utf8 { mix(UInt64(byte)) } }
    count += 1
    let fact = Fact(
      number: count, time: time, kind: kind, host: Int32(truncatingIfNeeded: host), a: a, b: b)
    if kind.isOfDatagram { datagrams.keep(fact) } else { others.keep(Entry(fact: fact, text: text)) }
    if let show { show(Entry(fact: fact, text: text)) }
  }

  @inline(__always)
  private mutating func mix(_ word: UInt64) {
    let mixed = (digest ^ word) &* 0x9e37_79b9_7f4a_7c15
    digest = mixed ^ (mixed >> 29)
  }

  /// The last datagrams and what else happened last, in order.
  var last: [Entry] {
    let datagrams = datagrams.all.suffix(30).map { Entry(fact: $0, text: nil) }
    return (datagrams + others.all).sorted { $0.fact.number < $1.fact.number }
  }
}

extension Trace.Entry: CustomStringConvertible {
  /// `   12.345678901 host 7 told …`
  var description: String {
    let seconds = "\(fact.time / 1_000_000_000)"
    let rest = "\(1_000_000_000 + fact.time % 1_000_000_000)".dropFirst()
    let padding = String(repeating: " ", count: max(0, 8 - seconds.count))
    let place = fact.host < 0 ? "world" : "host \(fact.host)"
    return "\(padding)\(seconds).\(rest) \(place) \(words)"
  }

  private var words: String {
    let detail = text.map { " \($0)" } ?? ""
    return switch fact.kind {
    case .sent: "sent beat \(fact.b) on port \(fact.a)"
    case .sendFailed: "could not send on port \(fact.a)"
    case .arrived: "has a datagram of port \(fact.a) in its socket, \(fact.b) wait"
    case .dropped: "dropped a datagram of port \(fact.a), \(fact.b) in all"
    case .lost: "lost a datagram of port \(fact.a) to port \(fact.b) on the way"
    case .deaf: "was not there for a datagram of port \(fact.a)"
    case .read: "read \(fact.a), \(fact.b) left"
    case .told: "told\(detail)"
    case .reported: "reported\(detail)"
    case .started: "started process \(fact.a)\(detail)"
    case .ended: "ended process \(fact.a)\(detail)"
    case .checkpoint: "wrote a checkpoint"
    case .reconciled: "is joined on \(fact.a) interfaces, sends on \(fact.b)"
    case .faultBegan: "fault \(fact.a) begins:\(detail)"
    case .faultEnded: "fault \(fact.a) is over:\(detail)"
    case .forged: "a forger sends \(fact.a)"
    }
  }
}
