// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Platform

/// Writes our heartbeats: the plain one, or one that names this host, and is sealed where there are keys.
struct BeatWriter {
  private var composer = HeartbeatComposer()
  var numbers: BeatNumbers
  /// Of the name and group of the plan; nil where heartbeats are not sealed.
  var seal: HeartbeatSeal?
  /// The readings of this host, and the number of their last change in the run.
  private var readings = ReadingWords()
  private var state: UInt64 = 0

  init(_ numbers: BeatNumbers) { self.numbers = numbers }

  /// The last heartbeat that was written.
  var bytes: [UInt8] { composer.bytes }

  /// Says other readings from the next heartbeat on.
  mutating func say(_ readings: ReadingWords) {
    self.readings = readings
    state += 1
  }

  /// How many bytes readings may have beside the other words.
  func roomForReadings(_ plan: Publisher.Plan) -> Int {
    var said = Announcement()
    (said.host, said.run, said.every) = (plan.name, numbers.run, plan.interval.nanoseconds)
    return HeartbeatComposer.room(beside: said, seal: seal)
  }

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
    said.state = state
    composer.compose(
      time, said, utcOffset: clock.utcOffset, readings: readings, leaving: seal?.size ?? 0)
    if let seal { composer.seal(with: seal) }
  }
}
