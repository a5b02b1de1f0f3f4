// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Monitor
import Platform
import Testing

@testable import Journal

@Suite("Entries about readings")
struct ReadingBudgetTests {
  private static let group = Endpoint(IPAddress(family: .ipv4, high: 0, low: 0xef01_0101), port: 5001)
  private static let second: Int64 = 1_000_000_000

  private func name(_ number: Int) -> HostName { "ups\(number)" }

  @Test("a host that flaps has its share, and takes nothing from others")
  func share() {
    var budget = ReadingBudget()
    let flapping = (0..<1000).count { _ in budget.admits(name(1), of: Self.group, now: 0) }
    #expect(flapping == 50)
    let isAdmitted = budget.admits(name(2), of: Self.group, now: 0)
    #expect(isAdmitted)
    // One in five seconds from then on.
    let later = (1...100).count { budget.admits(name(1), of: Self.group, now: $0 * Self.second) }
    #expect((19...21).contains(later))
  }

  @Test("a thousand hosts have an entry each at once, and what is beyond is counted and told")
  func powerCut() {
    var budget = ReadingBudget()
    let admitted = (0..<1500).count { budget.admits(name($0), of: Self.group, now: 0) }
    #expect(admitted == 1000)
    let event = budget.takeSuppressed(now: Self.second, isFinal: false)
    guard case .readings(.suppressed(let summary), Self.group) = event else {
      Issue.record("\(String(describing: event))")
      return
    }
    #expect(summary.count == 500)
    let again = budget.takeSuppressed(now: 2 * Self.second, isFinal: false)
    #expect(again == nil)
  }
}
