// SPDX-License-Identifier: Apache-2.0

/// What really came of one port to the socket of another, and what the daemon there says of it: the oracle's
/// own book, kept without the daemon's. Times are simulated nanoseconds; spans are of audible time.
struct Sighting {
  enum Told: UInt8 {
    case nothing, alive, silent, unknown
  }

  /// Half of the shortest interval, in which a second beat of a new source is taken for a copy of the first.
  private static let copiesWithin: Int64 = 5_100_000

  /// When the last heartbeat arrived of those that were read, and what `Audibility` read then.
  var lastRead: Int64 = .min
  var lastAudible: Int64 = 0
  /// Heartbeats that wait in the socket.
  var unread: Int32 = 0
  /// Heartbeats that were read since nothing was told of it, or since it was told back, copies included.
  var beats: Int32 = 0
  /// All that were ever read, copies included.
  var heard: Int32 = 0
  /// The longest and shortest times from one to the next, and the last one, since it was told back.
  var longestGap: Int64 = 0
  var shortestGap: Int64 = .max
  var lastGap: Int64 = 0
  /// The longest one that may still count, of which the daemon may not know that it could not hear: while an
  /// interval is learned a turn takes as long as the longest before it.
  var recentGap: Int64 = 0
  private var recentUntil: Int64 = .min

  /// What the daemon told last.
  var told = Told.nothing
  /// Heartbeats read since then: all, and those that are no copies. When the first and second were read.
  var since: Int32 = 0
  var freshSince: Int32 = 0
  var firstFresh: Int64 = 0
  var secondFresh: Int64 = 0
  /// When a heartbeat was read last that another sent in its name.
  var forged: Int64 = .min

  /// A heartbeat was read.
  ///
  /// - Parameter interval: Of its sender.
  mutating func note(arrived: Int64, audible: Int64, isFresh: Bool, interval: Int64, now: Int64) {
    unread -= 1
    // Late datagrams come close together, and one so soon after the first of a source counts as its copy.
    let isFresh =
      isFresh && (told != .nothing || lastRead == .min || arrived - lastRead > Self.copiesWithin)
    if lastRead != .min {
      // It fell silent again meanwhile.
      if arrived - lastRead > 3 * interval { freshSince = 0 }
      lastGap = audible - lastAudible
      longestGap = max(longestGap, lastGap)
      shortestGap = min(shortestGap, lastGap)
      noteRecent(arrived - lastRead, at: arrived)
    }
    lastRead = max(lastRead, arrived)
    lastAudible = max(lastAudible, audible)
    beats += 1
    heard += 1
    since += 1
    guard isFresh else { return }
    freshSince += 1
    if freshSince == 1 { firstFresh = now } else if freshSince == 2 { secondFresh = now }
  }

  private mutating func noteRecent(_ gap: Int64, at time: Int64) {
    guard gap >= recentGap || time > recentUntil else { return }
    recentGap = max(0, gap)
    recentUntil = time + 20 * recentGap
  }

  /// Whether its interval can be expected to be known: it was heard often, and without a long gap for as long
  /// as that may count.
  func isLearned(_ interval: Int64, at now: Int64) -> Bool {
    beats >= 20 && (recentGap < 3 * interval || now > recentUntil)
  }

  mutating func tell(_ new: Told) {
    told = new
    (since, freshSince) = (0, 0)
    if new == .nothing { (beats, longestGap, shortestGap) = (0, 0, .max) }
  }
}

/// The time in which a datagram that came to a port would have been in the socket: the group is joined, the
/// interface up, and the socket open and not full.
struct Audibility {
  private var total: Int64 = 0
  private var since: Int64?

  func reading(at now: Int64) -> Int64 { total + (since.map { now - $0 } ?? 0) }

  mutating func set(_ isAudible: Bool, at now: Int64) {
    guard isAudible != (since != nil) else { return }
    if let since { total += now - since }
    since = isAudible ? now : nil
  }

  var isAudible: Bool { since != nil }
}
