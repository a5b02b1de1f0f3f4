// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Platform

/// Writes our heartbeats: the plain one, or one that names this host, and is sealed where there are keys.
struct BeatWriter {
  private var composer = HeartbeatComposer()
  var numbers: BeatNumbers
  /// Of the name and group of the plan; nil where heartbeats are not sealed.
  var seal: HeartbeatSeal?

  init(_ numbers: BeatNumbers) { self.numbers = numbers }

  /// The last heartbeat that was written.
  var bytes: [UInt8] { composer.bytes }

  /// Writes a heartbeat.
  ///
  /// - Parameters:
  ///   - time: What the clock reads.
  ///   - number: The place of its interface in `numbers`.
  ///   - isGoodbye: Whether it is the last one on purpose.
  mutating func write(
    _ time: CivilTime, _ plan: Publisher.Plan, _ clock: WallClock, number: Int, isGoodbye: Bool
  ) {
    guard plan.name != nil || isGoodbye else { return composer.compose(time) }
    var said = Announcement()
    said.isGoodbye = isGoodbye
    guard let name = plan.name else { return composer.compose(time, said) }
    said.host = name
    said.run = numbers.run
    (said.sequence, said.via) = numbers.next(at: number)
    said.every = plan.interval.nanoseconds
    composer.compose(time, said, utcOffset: clock.utcOffset)
    if let seal { composer.seal(with: seal) }
  }
}
