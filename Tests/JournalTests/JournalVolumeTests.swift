// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Journal
@testable import Monitor

struct JournalVolumeTests {
  private static let second: Int64 = 1_000_000_000

  /// So many heartbeats a second, asked about once a second.
  private func told(
    _ volume: inout JournalVolume, perSecond: Int, payload: Int = 30, seconds: ClosedRange<Int64>
  ) -> [(second: Int64, JournalEvent)] {
    var told: [(Int64, JournalEvent)] = []
    for second in seconds {
      for _ in 0..<perSecond { volume.add(payload: payload) }
      if let excess = volume.takeExcess(now: second * Self.second) { told.append((second, excess)) }
    }
    return told
  }

  @Test("more than 1 GB a day is said after five minutes, with how much it is, and never again")
  func excess() throws {
    var volume = JournalVolume(now: 0)
    let told = told(&volume, perSecond: 100, seconds: 1...4000)
    #expect(told.map(\.second) == [300])
    guard case .heartbeatVolume(let bytes, let entries, let span)? = told.first?.1 else {
      Issue.record("\(told)")
      return
    }
    #expect(entries == 30_000 && bytes == 100 * 86_400 * JournalVolume.entry && span == 300 * Self.second)
  }

  @Test("the limit is 1 GB: the heartbeats of 12 hosts at 1 Hz are below it, those of 13 above")
  func limit() {
    for (hosts, count) in [(12, 0), (13, 1)] {
      var volume = JournalVolume(now: 0)
      #expect(told(&volume, perSecond: hosts, seconds: 1...1000).count == count, "\(hosts)")
    }
  }

  @Test("longer payloads count with their bytes, up to what is left of them when they are compressed")
  func payload() {
    for (payload, perSecond, count) in [(30, 10, 0), (300, 10, 1), (1000, 7, 0), (1000, 8, 1)] {
      var volume = JournalVolume(now: 0)
      #expect(
        told(&volume, perSecond: perSecond, payload: payload, seconds: 1...301).count == count, "\(payload)")
    }
  }

  @Test("a burst in five minutes is no rate of a day, and what came before a reload does not count")
  func burst() {
    var volume = JournalVolume(now: 0)
    for _ in 0..<3500 { volume.add(payload: 30) }
    #expect(volume.takeExcess(now: 300 * Self.second) == nil)
    for _ in 0..<40_000 { volume.add(payload: 30) }
    volume.restart(now: 500 * Self.second)
    #expect(volume.takeExcess(now: 900 * Self.second) == nil)
  }
}
