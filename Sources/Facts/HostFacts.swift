// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Liveness
import Platform

/// What one host says: its readings, as of its latest state.
///
/// Times are in nanoseconds of CLOCK_MONOTONIC.
package struct HostFacts: Sendable {
  /// Beats that a host may miss before its readings are stale.
  package static let freshBeats: Int64 = 5
  /// Of a host that does not say its interval, until that is learned, in nanoseconds.
  static let assumedInterval: Int64 = 1_000_000_000
  /// How many heartbeats with other readings than before are read at once, and a second: twice as many as a
  /// host may send.
  private static let readAtOnce = 40.0

  /// A heartbeat that says readings, or says none any more.
  struct Saying {
    var said: Announcement
    /// The readings as they stand in the datagram.
    var text: UnsafeRawBufferPointer
    var address: IPAddress
    /// Nil where nothing has to be proved.
    var proof: Proof?
    var arrival: Int64
    /// Of the host's heartbeats, in nanoseconds.
    var interval: Int64

    /// Whether it is not authentic, and should be.
    var isDoubtful: Bool { proof?.isAuthentic == false }

    /// How much of a budget it has to leave to what is authentic: nobody without a key keeps a host that has
    /// one from being read.
    func reserve(of capacity: Double) -> Double { isDoubtful ? capacity / 2 : 0 }
  }

  private struct Entry: Sendable {
    var id: Reading.ID
    /// Nil where it is not said any more, until that is told.
    var value: ReadingValue?
    /// Since when it has the value.
    var changed: Int64
    var told: ReadingChange.Told?
  }

  /// Where its readings come from.
  private(set) var address: IPAddress?
  /// When the present readings were said last; `Int64.max` for this host, which is never stale.
  private(set) var heard: Int64
  private(set) var interval = assumedInterval
  /// What its last heartbeat proves; nil where nothing has to be proved, and for this host.
  package private(set) var proof: Proof?
  private var order: SaidOrder
  /// When another sender was noticed that uses the name, and its interval.
  private var rival: (heard: Int64, interval: Int64)?
  /// The readings as the last heartbeat had them: what is the same again is not read. Nil where the next one
  /// is to be read in any case.
  private var text: [UInt8]?
  private var reads: TokenBucket
  /// Sorted.
  private var entries: [Entry] = []

  /// Nothing was said yet.
  init(at time: Int64) {
    (heard, order) = (time, SaidOrder(at: time))
    reads = TokenBucket(rate: Self.readAtOnce, capacity: Self.readAtOnce, now: time)
  }

  // MARK: What it says

  /// What follows from a heartbeat.
  enum Verdict: Equatable {
    /// Nothing: it says the same, or comes too late.
    case nothing
    /// Its readings are the same, and worth something else than before.
    case worth
    /// Its readings are others: they are to be read, and `replace` to follow.
    case readings
  }

  /// Takes note of a heartbeat. Allocates nothing.
  mutating func note(_ saying: Saying) -> Verdict {
    let isFresh = isFresh(at: saying.arrival)
    // What is forged does not take the place of what is not.
    if isFresh, saying.isDoubtful, proof?.isAuthentic == true { return .nothing }
    if saying.isDoubtful || proof?.isAuthentic != false {
      switch order.find(
        saying.said, at: saying.arrival, every: saying.interval,
        after: .init(heard: heard, interval: interval),
        isProved: saying.proof?.isAuthentic == true && proof?.isAuthentic == true)
      {
      case .later: break
      case .earlier: return .nothing
      case .foreign:
        noteNamesake(at: saying.arrival, every: saying.interval)
        return .worth
      }
    }
    guard let text, saying.text.elementsEqual(text) else {
      let isRead = reads.take(now: saying.arrival, leaving: saying.reserve(of: Self.readAtOnce))
      return isRead ? .readings : .nothing
    }
    let (former, wasContested, end) = (proof, saying.arrival <= contestedUntil, freshUntil)
    refresh(saying)
    // Which of the others it is makes no difference.
    let isProvedAsBefore =
      proof?.isAuthentic == former?.isAuthentic && (proof == .signed) == (former == .signed)
    let isAsBefore =
      isFresh && isProvedAsBefore && (saying.arrival <= contestedUntil) == wasContested
    // At a shorter interval it is stale sooner than is awaited.
    return isAsBefore && freshUntil >= end ? .nothing : .worth
  }

  private mutating func refresh(_ saying: Saying) {
    // What those said who have no key says nothing of who has one.
    let isProved = proof?.isAuthentic == false && !saying.isDoubtful
    if order.accept(saying.said, at: saying.arrival) || isProved { rival = nil }
    heard = max(saying.arrival, heard)
    (interval, proof, address) = (saying.interval, saying.proof, saying.address)
  }

  /// Takes the readings of a heartbeat for those that it has.
  ///
  /// - Parameter readings: As read of its text; of an ID that is repeated the first counts, and at most
  ///   `ReadingWords.most`.
  mutating func replace(by readings: [Reading], _ saying: Saying) {
    refresh(saying)
    text = Array(saying.text)
    take(readings, at: saying.arrival)
  }

  /// Says nothing any more.
  mutating func forget(at now: Int64) {
    text = nil
    heard = .min
    take([], at: now)
  }

  /// From now on it is this host.
  mutating func beginOwn() {
    (address, proof, interval, rival) = (nil, nil, Self.assumedInterval, nil)
  }

  /// This host's own readings, which come from here.
  mutating func say(_ readings: [Reading], at now: Int64) {
    heard = .max
    take(readings, at: now)
  }

  private mutating func take(_ readings: [Reading], at time: Int64) {
    var new: [Reading.ID: ReadingValue] = [:]
    for reading in readings where new.count < ReadingWords.most && new[reading.id] == nil {
      new[reading.id] = reading.value
    }
    for place in entries.indices {
      let value = new.removeValue(forKey: entries[place].id)
      guard value != entries[place].value else { continue }
      (entries[place].value, entries[place].changed) = (value, time)
    }
    // One that is not told yet, and not said any more, was never there.
    entries.removeAll { $0.value == nil && $0.told == nil }
    entries += new.map { Entry(id: $0.key, value: $0.value, changed: time) }
    entries.sort { $0.id < $1.id }
  }

  /// Another sender uses its name.
  ///
  /// - Parameter interval: Of that one, in nanoseconds.
  mutating func noteNamesake(at time: Int64, every interval: Int64) { rival = (time, interval) }

  /// What it says of a reading, whatever that is worth; nil where it says nothing.
  package func said(_ id: Reading.ID) -> ReadingValue? {
    var places = entries.indices
    while !places.isEmpty {
      let middle = places.lowerBound + places.count / 2
      if entries[middle].id == id { return entries[middle].value }
      places = entries[middle].id < id ? middle + 1..<places.upperBound : places.lowerBound..<middle
    }
    return nil
  }

  // MARK: What it is worth

  /// Whether it is this host, of which nothing is heard.
  package var isOwn: Bool { heard == .max }

  /// Whether it was heard within the last beats.
  func isFresh(at now: Int64) -> Bool { now <= freshUntil }

  /// The last moment at which its readings are not stale; `Int64.max` for this host.
  package var freshUntil: Int64 { afterBeats(heard) }

  /// The last moment at which what it said last is not older than a span, in nanoseconds.
  package func freshUntil(within span: Int64) -> Int64 { heard.adding(clamped: span) }

  /// Until when another sender is taken to use the name: for five beats of whichever is slower, but for
  /// nothing but its word no longer than a minute. `Int64.min` where none was noticed.
  package var contestedUntil: Int64 {
    guard let rival else { return .min }
    let patience = min(Self.freshBeats * rival.interval, SaidOrder.longestWord)
    return max(afterBeats(rival.heard), rival.heard.adding(clamped: patience))
  }

  private func afterBeats(_ time: Int64) -> Int64 { time.adding(clamped: Self.freshBeats * interval) }

  /// When something is to be told that no heartbeat brings about; nil where nothing is.
  func nextChange(after now: Int64) -> Int64? {
    let ends = [freshUntil, contestedUntil].filter { $0 >= now && $0 < .max }
    return ends.min().map { $0 + 1 }
  }

  private func told(_ entry: Entry, at now: Int64) -> ReadingChange.Told {
    guard let value = entry.value else { return ReadingChange.Told(unknown: .gone) }
    if entry.id.isDrill, isFresh(at: now) { return ReadingChange.Told(value, .drill) }
    if entry.id.isDrill { return ReadingChange.Told(unknown: .gone) }
    if value == .unknown { return ReadingChange.Told(unknown: .said) }
    if !isFresh(at: now) { return ReadingChange.Told(value, .stale) }
    if now <= contestedUntil { return ReadingChange.Told(unknown: .namesake) }
    return ReadingChange.Told(value, proof?.isAuthentic == false ? .unauthenticated : .good)
  }

  /// Its readings as they are now; drills only while it is heard.
  func reports(as host: HostName, at now: Int64) -> [ReadingReport] {
    entries.compactMap { entry in
      guard entry.value != nil, !entry.id.isDrill || isFresh(at: now) else { return nil }
      let told = told(entry, at: now)
      return ReadingReport(
        host: host, address: address, id: entry.id, value: told.value, quality: told.quality,
        heard: min(heard, now), changed: entry.changed, proof: proof)
    }
  }

  /// How many of them are known now.
  func counts(at now: Int64) -> ReadingCounts {
    var counts = ReadingCounts()
    for entry in entries where entry.value != nil && !entry.id.isDrill {
      if told(entry, at: now).quality.isKnown { counts.known += 1 } else { counts.unknown += 1 }
    }
    return counts
  }

  /// Whether its readings may be worth something else for no other reason than the time.
  func mayHaveLapsed(at now: Int64) -> Bool {
    !isFresh(at: now) || (rival != nil && contestedUntil < now)
  }

  /// Whether nothing is said, and nothing to be told.
  var isEmpty: Bool { entries.isEmpty }

  /// Whether nothing has to be known of it any more. Until it is forgotten it is remembered in which order it
  /// said what it says no more: an earlier state may still be on its way, or was recorded.
  var isOver: Bool { entries.isEmpty && heard == .min }

  /// The drills of a host that is not heard are over. When it is heard again, all that it says is read.
  private mutating func endDrills() {
    for place in entries.indices where entries[place].id.isDrill { entries[place].value = nil }
    text = nil
  }

  /// How its readings differ from what was told of them, which they are from then on.
  mutating func takeChanges(at now: Int64) -> [ReadingChange] {
    var changes: [ReadingChange] = []
    if !isFresh(at: now) { endDrills() }
    for place in entries.indices {
      let isGone = entries[place].value == nil
      if isGone, entries[place].told == nil { continue }
      let new = told(entries[place], at: now)
      guard new != entries[place].told else { continue }
      changes.append(ReadingChange(entries[place].id, now: new, before: entries[place].told, isGone: isGone))
      entries[place].told = new
    }
    entries.removeAll { $0.value == nil }
    return changes
  }
}
