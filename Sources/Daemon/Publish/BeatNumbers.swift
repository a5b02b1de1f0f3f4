// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Platform

/// The run of this process (`run=`), and the numbers of its heartbeats on each interface (`seq=`, `via=`).
package struct BeatNumbers {
  /// Those whose heartbeats may be sent again by whoever recorded them: this one, and those before, the last
  /// first. Never empty.
  package private(set) var runs: [UInt64]
  private let file: RuntimeFile
  /// How far CLOCK_REALTIME was ahead of CLOCK_MONOTONIC when the run began, in nanoseconds.
  private var lead: Int64
  /// The interfaces that were sent on, by name, in the order of their first heartbeat, and the number of the
  /// last heartbeat on each.
  private var streams: [(interface: String, last: UInt64)] = []

  /// The numbers of a run that follows the one before, also where the clock was set back since.
  ///
  /// - Parameters:
  ///   - directory: The runtime directory, which knows the run before; nil knows none.
  ///   - realtime: CLOCK_REALTIME, in nanoseconds.
  ///   - monotonic: CLOCK_MONOTONIC, in nanoseconds.
  init(directory: String?, realtime: Int64, monotonic: Int64) {
    let file = RuntimeFile("run", directory: directory)
    let lines = file.read().map { $0.split(separator: "\n").prefix(Self.mostRuns) } ?? []
    self.init(
      after: lines.compactMap { UInt64($0, radix: 16) }, in: file, realtime: realtime, monotonic: monotonic)
  }

  /// The same, where somebody else keeps the runs.
  ///
  /// - Parameter before: The runs before, the last first.
  package init(after before: [UInt64], realtime: Int64, monotonic: Int64) {
    self.init(
      after: before, in: RuntimeFile("run", directory: nil), realtime: realtime, monotonic: monotonic)
  }

  private init(after before: [UInt64], in file: RuntimeFile, realtime: Int64, monotonic: Int64) {
    self.file = file
    runs = before
    lead = realtime - monotonic
    let now = UInt64(clamping: realtime / 1_000_000)
    let last = before.first ?? 0
    // A damaged file must not lead to a run that no other can follow.
    begin(last >= now && last - now < Self.longestStep ? last + 1 : now)
  }

  /// The start of this process, in milliseconds since the epoch, by the clock as it was set then.
  package var run: UInt64 { runs[0] }

  private mutating func begin(_ run: UInt64) {
    runs.insert(run, at: 0)
    runs = Array(runs.prefix(Self.mostRuns))
    // Without the file a clock that was set back would confuse the others, and whoever sends heartbeats of a
    // run before again would be taken for another host with our name.
    try? file.write(runs.map { "\(String($0, radix: 16))\n" }.joined())
  }

  /// Begins another run where the clock was set ahead by more than a day since this one began: a host without
  /// a battery starts in the past, and to others its run would come before the last one for ever.
  ///
  /// - Parameters:
  ///   - realtime: CLOCK_REALTIME, in nanoseconds.
  ///   - monotonic: CLOCK_MONOTONIC, in nanoseconds.
  package mutating func followClock(realtime: Int64, monotonic: Int64) {
    let lead = realtime - monotonic
    guard lead - self.lead > Self.clockStart else { return }
    self.lead = lead
    begin(max(run + 1, UInt64(clamping: realtime / 1_000_000)))
    for place in streams.indices { streams[place].last = 0 }
  }

  /// More restarts, one each 500 ms (RestartSec=), than fit into the five seconds for which a heartbeat of a
  /// run that nobody knows any more is new enough (`HeartbeatGate`).
  static let mostRuns = 16

  /// A day, in nanoseconds. After less the run is later than the last one for all but a host that was started
  /// within that time.
  private static let clockStart: Int64 = 86_400_000_000_000

  /// A step of the clock that is followed, in milliseconds: ten years.
  private static let longestStep: UInt64 = 10 * 365 * 86_400_000

  /// The place of an interface, by which its heartbeats are numbered. Those beyond
  /// `Announcement.mostInterfaces` share the numbers of the last.
  package mutating func place(of interface: String) -> Int {
    if let place = streams.firstIndex(where: { $0.interface == interface }) { return place }
    if streams.count < Announcement.mostInterfaces { streams.append((interface, 0)) }
    return streams.count - 1
  }

  /// The words of the next heartbeat.
  package func next(at place: Int) -> (sequence: UInt64, via: UInt8) {
    (streams[place].last + 1, UInt8(truncatingIfNeeded: place + 1))
  }

  /// Notes that it left. One that did not is none that others miss by its number.
  package mutating func noteSent(at place: Int) { streams[place].last += 1 }
}
