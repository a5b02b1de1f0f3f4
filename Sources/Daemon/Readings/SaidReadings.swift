// SPDX-License-Identifier: Apache-2.0

import Facts
import Heartbeat
import Platform

/// What this host says, and when it sends it: `ReadingsPublisher` without its loop, timers and clock, so that
/// the simulation runs it too.
///
/// A pure value; times are in nanoseconds of CLOCK_MONOTONIC.
package struct SaidReadings {
  /// What is to be said; a change of it is to be followed by `follow`.
  package var own = OwnReadings()
  /// Nil for a host that says nothing.
  package var name: HostName?
  /// What this host knows of itself, in the order of the words.
  package private(set) var readings: [Reading] = []
  /// Those for which there was no room when words were last composed.
  package private(set) var leftOut: [Reading.ID] = []
  /// What the last change sent has.
  private var words = ReadingWords()
  private var schedule = ChangeSchedule()

  /// Says nothing yet.
  package init(as name: HostName?) { self.name = name }

  /// Something may be said differently.
  ///
  /// - Parameter peers: How many this host knows of.
  /// - Returns: Whether it is, so that this host is to know it, and a copy is due.
  package mutating func follow(at now: Int64, among peers: Int) -> Bool {
    let before = readings
    readings = own.readings
    guard readings != before else { return false }
    if let name {
      schedule.change(
        at: now, spread: ChangeSpread(of: name, at: now, among: peers), isNoise: own.isNoise(since: before))
    }
    return true
  }

  // MARK: Sending

  /// When `takeCopy` is to be called next; nil for never.
  package var nextCopy: Int64? { schedule.due }

  /// As `ChangeSchedule.take`.
  package mutating func takeCopy(at now: Int64) -> ChangeSchedule.Copy? { schedule.take(at: now) }

  /// As `ChangeSchedule.takeBeat`.
  package mutating func takeBeat(at now: Int64) -> Bool { schedule.takeBeat(at: now) }

  /// Those for which there is no room now.
  package func leftOut(room: Int) -> [Reading.ID] {
    ReadingWords.composed(readings, room: room).leftOut
  }

  /// Composes what is said from the next heartbeat on.
  ///
  /// - Parameter room: For the words, in bytes.
  /// - Returns: The words; nil where they are the same as before.
  package mutating func compose(room: Int) -> ReadingWords? {
    let before = words
    (words, leftOut) = ReadingWords.composed(readings, room: room)
    return words == before ? nil : words
  }
}
