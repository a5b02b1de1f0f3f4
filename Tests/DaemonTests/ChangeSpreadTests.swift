// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Testing

@testable import Daemon

@Suite("The spread of a change")
struct ChangeSpreadTests {
  /// Of hosts that see a change at the same time.
  private let spreads = (0..<1000).map { ChangeSpread(of: "ups\($0)", at: 12_345_678_901, among: 1000) }

  @Test("hosts that see the same change spread each copy evenly over 2 ms", arguments: [0, 1, 7])
  func even(copy: Int) {
    let delays = spreads.map { $0.delay(of: copy, after: 0) }
    #expect(delays.allSatisfy { 0..<2_000_000 ~= $0 })
    // In each tenth of the time between half and twice as many as there should be.
    for tenth in 0..<10 {
      let count = delays.count { $0 * 10 / 2_000_000 == tenth }
      #expect((50...200).contains(count), "\(tenth)")
    }
  }

  @Test("a few hosts do not wait, and more of them as much longer", arguments: [(0, 0), (1, 8), (50, 400)])
  func few(peers: Int, microseconds: Int64) {
    let delays = (0..<1000).map {
      ChangeSpread(of: "ups\($0)", at: 12_345_678_901, among: peers).delay(of: 0, after: 0)
    }
    let longest = delays.max() ?? -1
    #expect(microseconds == 0 ? longest == 0 : microseconds * 990..<microseconds * 1000 ~= longest)
  }

  @Test("those who are among the last with one copy are not with the next", arguments: 0..<7)
  func reordered(copy: Int) {
    func last(_ copy: Int) -> Set<Int> {
      Set(
        spreads.indices.sorted {
          spreads[$0].delay(of: copy, after: 0) < spreads[$1].delay(of: copy, after: 0)
        }.suffix(300))
    }
    // Of 300 of 1000 ninety are expected.
    #expect((60...120).contains(last(copy).intersection(last(copy + 1)).count))
  }
}
