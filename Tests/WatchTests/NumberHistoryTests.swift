// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Heartbeat
@testable import Watch

@Suite("the last minute of a number")
struct NumberHistoryTests {
  private let second: Int64 = 1_000_000_000
  private let start: Int64 = 7000 * 1_000_000_000

  @Test("a number holds until the next, is a mean within a part, and is not known before the first")
  func holds() {
    var history = NumberHistory(20, at: start)
    history.note(30, at: start + 15 * second)
    history.note(nil, at: start + 30 * second)
    // Parts of 10 s; the last one is second 7050, which just begins.
    let means = history.means(parts: 6, until: start + 50 * second)
    #expect(means == [20, 25, 30, nil, nil, nil])
    history.note(7, at: start + 52 * second)
    #expect(history.means(parts: 6, until: start + 59 * second) == [20, 25, 30, nil, nil, 7])
    #expect(history.means(parts: 6, until: start + 5000 * second) == Array(repeating: 7, count: 6))
  }

  @Test("it is a minute, over any pause, and time does not run back")
  func pause() {
    var history = NumberHistory(1, at: start)
    history.note(2, at: start + 86_400 * second)
    let means = history.means(parts: 60, until: start + 86_400 * second)
    #expect(means == Array(repeating: 1, count: 59) + [2])
    history.note(3, at: start)
    #expect(history.means(parts: 60, until: start + 86_400 * second) == means.dropLast() + [3])
  }

  @Test("heights are between the lowest and the highest, and a little noise is level")
  func heights() {
    #expect(NumberHistory.heights([nil, 10, 20, 15]) == [nil, 0, 1, 0.5])
    #expect(NumberHistory.heights([20, 20]) == [0.5, 0.5])
    #expect(NumberHistory.heights([0, 0, nil]) == [0.5, 0.5, nil])
    let noise = NumberHistory.heights([24.5, 24.6]).compactMap { $0 }
    #expect(noise.allSatisfy { abs($0 - 0.5) < 0.06 })
  }

  @Test("no number that can be said is too much for them")
  func extremes() throws {
    var random = SeededRandom(testSeed: 13)
    let texts = [
      String(repeating: "9", count: 256), "-" + String(repeating: "9", count: 39),
      "0." + String(repeating: "0", count: 200),
      "340282300000000000000000000000000000000", "-340282300000000000000000000000000000000V", "0", "-0.0C",
      "12.5%",
    ]
    for _ in 0..<300 {
      var history = NumberHistory(nil, at: start)
      var time = start
      for _ in 0..<Int.random(in: 0...20, using: &random) {
        let value = try #require(ReadingValue(texts.randomElement(using: &random) ?? ""))
        time += .random(in: 0...30 * second, using: &random)
        history.note(value.drawn, at: time)
      }
      let heights = NumberHistory.heights(history.means(parts: 12, until: time))
      #expect(heights.allSatisfy { $0.map { (-0.001...1.001).contains($0) } ?? true }, "\(heights)")
    }
  }

  @Test("the number of a value is that before its unit, and words have none")
  func values() throws {
    func number(_ text: String) throws -> Float? { try #require(ReadingValue(text)).drawn }
    #expect(try number("24.5C") == 24.5 && number("-3VA") == -3 && number("97%") == 97 && number("12") == 12)
    #expect(try number("OL") == nil && number("?") == nil && number("24.5 C") == nil && number("1e9") == nil)
    #expect(try number(String(repeating: "9", count: 256)) == nil)
  }
}
