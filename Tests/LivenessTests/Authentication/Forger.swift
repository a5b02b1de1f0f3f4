// SPDX-License-Identifier: Apache-2.0

import TestSupport

@testable import Heartbeat
@testable import Platform

/// A sealed heartbeat on its way.
struct SealedBeat {
  var payload: [UInt8]
  var host: Int
  var run: UInt64
  var number: UInt64
  /// What its host's clock read, in nanoseconds as of `GateEnd.hear`.
  var clock: Int64
  /// Where the last word begins, with the space before it.
  let lastWord: Int
  /// Whether it is signed as well: then it is authentic without the last word, `mac=`, too.
  let isSigned: Bool

  init(_ payload: [UInt8], host: Int, run: UInt64, number: UInt64, clock: Int64, isSigned: Bool) {
    (self.payload, self.host, self.run, self.number) = (payload, host, run, number)
    (self.clock, self.isSigned) = (clock, isSigned)
    lastWord = payload.lastIndex(of: UInt8(ascii: " ")) ?? 0
  }
}

/// Makes datagrams that are not authentic out of those that are.
struct Forger {
  enum Attack: CaseIterable {
    case bit, byte, removed, inserted, swapped, number, truncated, extended, spliced, otherKey, otherGroup
  }

  private var random: SeededRandom
  private var otherKey: SealedSender
  private var otherGroup: SealedSender

  /// - Parameters:
  ///   - keys: The right ones, for another group.
  ///   - wrong: Others by the same names.
  init(keys: String, wrong: String, host: HostName, random: SeededRandom) throws {
    self.random = random
    let group = Endpoint(SealedSender.group.address, port: SealedSender.group.port + 1)
    guard let otherKey = try SealedSender(host, keys: wrong, run: 1 << 40),
      let otherGroup = try SealedSender(host, keys: keys, group: group, run: 1 << 40)
    else { throw TestFailure("no key seals for \(host)") }
    (self.otherKey, self.otherGroup) = (otherKey, otherGroup)
  }

  /// A datagram that differs from a heartbeat in what its code is over, or in its code.
  ///
  /// - Parameters:
  ///   - beat: Not heard yet, so that it would be accepted as it is.
  ///   - other: Whose code is taken for one of another heartbeat.
  ///   - clock: In nanoseconds as of `GateEnd.hear`.
  mutating func forge(_ attack: Attack, _ beat: SealedBeat, _ other: SealedBeat, clock: Int64) -> [UInt8]? {
    var payload = beat.payload
    // A signed one stays what it is without `mac=`, or with one by a key that nobody has.
    let end = beat.isSigned ? beat.lastWord : payload.count
    let place = random.below(end)
    switch attack {
    case .bit: payload[place] ^= 1 << UInt8(random.below(8))
    case .byte: payload[place] = UInt8(32 + random.below(95))
    case .removed: payload.remove(at: place)
    case .inserted: payload.insert(UInt8(32 + random.below(95)), at: place)
    case .swapped: payload.swapAt(place, random.below(end))
    case .number:
      guard let equals = find(random.below(2) == 0 ? " seq=" : " run=", in: payload) else { return nil }
      payload[equals] = UInt8(ascii: "0") + UInt8(random.below(10))
    case .truncated: payload.removeSubrange(random.below(payload.count)...)
    case .extended: payload.append(UInt8(33 + random.below(94)))
    case .spliced: payload = Array(payload[..<beat.lastWord] + other.payload[other.lastWord...])
    case .otherKey: payload = otherKey.beat(at: GateEnd.epoch + clock)
    case .otherGroup: payload = otherGroup.beat(at: GateEnd.epoch + clock)
    }
    let isTrue = payload == beat.payload || payload == other.payload
    return isTrue || beat.isSigned && payload.count == beat.lastWord ? nil : payload
  }

  /// The place after a word's `=`.
  private func find(_ word: String, in payload: [UInt8]) -> Int? {
    payload.firstRange(of: Array(word.utf8))?.upperBound
  }
}
