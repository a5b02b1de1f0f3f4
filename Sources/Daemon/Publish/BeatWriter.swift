// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Platform

/// Writes our heartbeats: the plain one, or one that names this host, and is sealed where there are keys.
package struct BeatWriter {
  private var composer = HeartbeatComposer()
  package var numbers: BeatNumbers
  /// Of the name and group of the plan; nil where heartbeats are not sealed.
  package var seal: HeartbeatSeal?
  /// The readings of this host, and the number of their last change in the run.
  private var readings = ReadingWords()
  private var state: UInt64 = 0

  /// Says no readings yet.
  package init(_ numbers: BeatNumbers) { self.numbers = numbers }

  /// The last heartbeat that was written.
  package var bytes: [UInt8] { composer.bytes }

  /// Says other readings from the next heartbeat on.
  package mutating func say(_ readings: ReadingWords) {
    self.readings = readings
    state += 1
  }

  /// How many bytes readings may have beside the other words.
  ///
  /// - Parameter interval: Of the heartbeats, in nanoseconds.
  package func roomForReadings(as name: HostName?, every interval: Int64) -> Int {
    var said = Announcement()
    (said.host, said.run, said.every) = (name, numbers.run, interval)
    return HeartbeatComposer.room(beside: said, seal: seal)
  }

  /// Writes a heartbeat.
  ///
  /// - Parameters:
  ///   - time: What the clock reads.
  ///   - name: Of this host; nil for the plain one.
  ///   - interval: Of the heartbeats, in nanoseconds.
  ///   - number: The place of its interface in `numbers`.
  ///   - isGoodbye: Whether it is the last one on purpose.
  package mutating func write(
    _ time: CivilTime, as name: HostName?, every interval: Int64, _ clock: WallClock, number: Int,
    isGoodbye: Bool
  ) {
    guard name != nil || isGoodbye else { return composer.compose(time) }
    var said = Announcement()
    said.isGoodbye = isGoodbye
    guard let name else { return composer.compose(time, said) }
    said.host = name
    said.run = numbers.run
    (said.sequence, said.via) = numbers.next(at: number)
    said.every = interval
    said.state = state
    composer.compose(
      time, said, utcOffset: clock.utcOffset, readings: readings, leaving: seal?.size ?? 0)
    if let seal { composer.seal(with: seal) }
  }
}
