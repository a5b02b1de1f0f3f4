// SPDX-License-Identifier: Apache-2.0

import Platform

/// What the tables of peers share: the capacity, and the false alarms that are allowed for the group. Each
/// table may have what the others leave of the first, and each peer has an even share of the second.
struct TableShares: Sendable {
  /// `peers.max`.
  var capacity: Int
  /// `peers.false-alarms`.
  var falseAlarms = FalseAlarmRate.standard
  /// Whether peers may have come or gone since it was shared.
  var isDue = true
  /// The peers of all tables when it was last shared.
  private(set) var total = 0
  /// Among how many peers the false alarms are divided. It follows `total` only when that is an eighth more
  /// or a quarter less: all peers are reviewed for it, and that is to take a few reviews for each that came.
  private(set) var divisor = 1

  init(capacity: Int) { self.capacity = capacity }

  /// False alarms a year that are allowed for one peer.
  var alarms: Double { falseAlarms.perYear / Double(divisor) }

  /// Shares. A table whose newcomers find no place takes it from the newcomers of another, so that a flood on
  /// one interface fills no other's places.
  ///
  /// What is mutating is done in place, whereas a table that is only read through its optional is copied,
  /// with a dozen references to count.
  ///
  /// - Returns: Whether a peer was evicted.
  mutating func divide(among tables: inout [PeerTable<PeerID>?], now: Int64) -> Bool {
    isDue = false
    var hasEvicted = false
    for number in tables.indices where tables[number]?.takeRequest() == true {
      for other in tables.indices where other != number {
        if tables[other]?.evictNewcomer(at: now) == true {
          hasEvicted = true
          break
        }
      }
    }
    total = 0
    for number in tables.indices { tables[number]?.addCount(to: &total) }
    if total > divisor + divisor / 8 || total < divisor - divisor / 4 { divisor = max(1, total) }
    for number in tables.indices {
      tables[number]?.share(capacity, among: total)
      tables[number]?.allow(alarms)
    }
    return hasEvicted
  }
}
