// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Multicast

struct RejoinTests {
  private static let second: Int64 = 1_000_000_000

  /// Joined at 0, heard until `seconds`, silent 6 s later, and heard again `delay` seconds after that.
  private func cure(
    _ rejoin: inout Rejoin, heardFor seconds: Int64, isNetwork: Bool, from start: Int64 = 0, delay: Int64 = 1
  ) -> Int64? {
    let last = start + seconds * Self.second
    let silent = last + 6 * Self.second
    rejoin.attempt(2, at: silent, last: last, isNetwork: isNetwork)
    return rejoin.heard(2, at: silent + delay * Self.second, interval: Self.second)
  }

  @Test("a network that is heard at once after a new join was forgotten by a switch")
  func network() {
    var rejoin = Rejoin()
    rejoin.joined(2, at: 0)
    #expect(cure(&rejoin, heardFor: 100, isNetwork: true) == 100 * Self.second)
  }

  @Test("where it is not known since when the group was joined, nothing is said")
  func unknown() {
    var rejoin = Rejoin()
    #expect(cure(&rejoin, heardFor: 100, isNetwork: true) == nil)
  }

  @Test("it counts when somebody was heard again, and not when that was noticed")
  func end() {
    var rejoin = Rejoin()
    rejoin.joined(2, at: 0)
    #expect(rejoin.end(of: 7 * Self.second, on: 2) == nil)
    rejoin.attempt(2, at: 106 * Self.second, last: 100 * Self.second, isNetwork: true)
    #expect(rejoin.end(of: 7 * Self.second, on: 2) == 107 * Self.second)
  }

  @Test("one that is heard much later came back by itself")
  func late() {
    var rejoin = Rejoin()
    rejoin.joined(2, at: 0)
    #expect(cure(&rejoin, heardFor: 100, isNetwork: true, delay: 4) == nil)
    #expect(cure(&rejoin, heardFor: 260, isNetwork: false, delay: 4) == nil)
  }

  @Test("of a single peer the time must be the usual one, or the same twice")
  func single() {
    var usual = Rejoin()
    usual.joined(2, at: 0)
    #expect(cure(&usual, heardFor: 260, isNetwork: false) == 260 * Self.second)

    var odd = Rejoin()
    odd.joined(2, at: 0)
    #expect(cure(&odd, heardFor: 100, isNetwork: false) == nil)
    #expect(cure(&odd, heardFor: 60, isNetwork: false, from: 106 * Self.second) == nil)
    #expect(cure(&odd, heardFor: 61, isNetwork: false, from: 172 * Self.second) == 61 * Self.second)
  }

  @Test("a sender that pauses after every few beats is no switch")
  func pausing() {
    var rejoin = Rejoin()
    rejoin.joined(2, at: 0)
    for round: Int64 in 0..<5 {
      #expect(cure(&rejoin, heardFor: 10, isNetwork: false, from: round * 16 * Self.second) == nil)
    }
  }

  @Test("it is said once an hour, and not of an interface that was left")
  func once() {
    var rejoin = Rejoin()
    rejoin.joined(2, at: 0)
    #expect(cure(&rejoin, heardFor: 260, isNetwork: true) != nil)
    #expect(cure(&rejoin, heardFor: 260, isNetwork: true, from: 266 * Self.second) == nil)
    #expect(cure(&rejoin, heardFor: 260, isNetwork: true, from: 4000 * Self.second) != nil)
    rejoin.attempt(2, at: 9000 * Self.second, last: 8994 * Self.second, isNetwork: true)
    rejoin.left(2)
    #expect(rejoin.heard(2, at: 9001 * Self.second, interval: Self.second) == nil)
  }

  @Test("several that fell silent at one moment are one silence")
  func together() {
    var rejoin = Rejoin()
    rejoin.joined(2, at: 0)
    for last: Int64 in [260, 261] {
      rejoin.attempt(2, at: 267 * Self.second, last: last * Self.second, isNetwork: false)
    }
    #expect(rejoin.heard(2, at: 268 * Self.second, interval: Self.second) == 260 * Self.second)
  }
}
