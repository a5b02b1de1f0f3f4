// SPDX-License-Identifier: Apache-2.0

import Synchronization
import Testing

@testable import Journal
@testable import Platform

struct EventLogTests {
  private final class Records: Sendable {
    private let records = Mutex<[LogRecord]>([])
    var all: [LogRecord] { records.withLock { $0 } }
    func append(_ record: LogRecord) { records.withLock { $0.append(record) } }
  }

  private let records = Records()

  private func log(_ level: JournalPriority) -> EventLog {
    EventLog(level: level) { [records] in records.append($0) }
  }

  @Test("an event becomes a record with priority, kind, fields and place")
  func event() {
    log(.notice).report(
      .started, .notice, "started", ["MCAST_PORT": "5001"], file: "Daemon/Run.swift", line: 42,
      function: "run()")
    #expect(
      records.all == [
        LogRecord(
          .notice, "started", kind: .started, fields: ["MCAST_PORT": "5001"], file: "Daemon/Run.swift",
          line: 42, function: "run()")
      ])
  }

  @Test("a message without a kind has the place of its caller")
  func place() throws {
    log(.debug).notice("n")
    log(.debug).debug("d")
    #expect(records.all.map(\.message) == ["n", "d"])
    for record in records.all {
      #expect(record.kind == nil && record.file == "JournalTests/EventLogTests.swift")
      #expect(record.function == "place()")
    }
  }

  @Test("what is less important than the level is left out", arguments: JournalPriority.allCases)
  func level(_ level: JournalPriority) {
    let log = log(level)
    for priority in JournalPriority.allCases { log.report(.stopping, priority, "") }
    #expect(records.all.map(\.priority) == JournalPriority.allCases.filter { $0 <= level })
  }

  @Test("a new level holds at once, and a text that is not logged is not made")
  func setLevel() {
    let log = log(.notice)
    var made = 0
    func text() -> String {
      made += 1
      return "\(made)"
    }
    log.debug(text())
    #expect(made == 0 && records.all.isEmpty)
    log.setLevel(.debug)
    log.debug(text())
    log.setLevel(.error)
    log.notice("left out")
    log.report(.sendFailing, .warning, "left out")
    #expect(records.all.map(\.message) == ["1"])
  }
}
