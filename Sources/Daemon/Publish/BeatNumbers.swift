// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Platform

/// The run of this process (`run=`), and the numbers of its heartbeats on each interface (`seq=`, `via=`).
struct BeatNumbers {
  /// The start of this process, in milliseconds since the epoch.
  let run: UInt64
  /// The interfaces that were sent on, by name, in the order of their first heartbeat, and the number of the
  /// last heartbeat on each.
  private var streams: [(interface: String, last: UInt64)] = []

  /// The numbers of a run that follows the one before, also where the clock was set back since.
  ///
  /// - Parameters:
  ///   - directory: The runtime directory, which knows the run before; nil knows none.
  ///   - realtime: CLOCK_REALTIME, in nanoseconds.
  init(directory: String?, realtime: Int64) {
    let file = RuntimeFile("run", directory: directory)
    let before = file.read().flatMap { UInt64($0.prefix { $0.isHexDigit }, radix: 16) } ?? 0
    let now = UInt64(clamping: realtime / 1_000_000)
    // A damaged file must not lead to a run that no other can follow.
    run = before >= now && before - now < Self.longestStep ? before + 1 : now
    // Without the file only a clock that was set back would confuse the others.
    try? file.write("\(String(run, radix: 16))\n")
  }

  /// A step of the clock that is followed, in milliseconds: ten years.
  private static let longestStep: UInt64 = 10 * 365 * 86_400_000

  /// The place of an interface, by which its heartbeats are numbered. Those beyond
  /// `Announcement.mostInterfaces` share the numbers of the last.
  mutating func place(of interface: String) -> Int {
    if let place = streams.firstIndex(where: { $0.interface == interface }) { return place }
    if streams.count < Announcement.mostInterfaces { streams.append((interface, 0)) }
    return streams.count - 1
  }

  /// The words of the next heartbeat.
  func next(at place: Int) -> (sequence: UInt64, via: UInt8) {
    (streams[place].last + 1, UInt8(truncatingIfNeeded: place + 1))
  }

  /// Notes that it left. One that did not is none that others miss by its number.
  mutating func noteSent(at place: Int) { streams[place].last += 1 }
}
