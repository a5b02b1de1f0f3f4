// SPDX-License-Identifier: Apache-2.0

import Synchronization
import Testing

@testable import Journal
@testable import Monitor
@testable import Platform

struct EventLogTests {
  private final class Records: Sendable {
    private let records = Mutex<[LogRecord]>([])
    var all: [LogRecord] { records.withLock { $0 } }
    func append(_ record: LogRecord) { records.withLock { $0.append(record) } }
  }

  private static let group = Endpoint(IPAddress(family: .ipv4, high: 0, low: 0xef01_0101), port: 5001)
  private let records = Records()

  private func log(_ level: JournalPriority) -> EventLog {
    EventLog(level: level) { [records] in records.append($0) }
  }

  @Test("an event becomes a record with priority, kind, fields and place")
  func event() {
    let event = Event.sending(.recovered(failures: 2), group: Self.group, interface: "eth0")
    log(.notice).report(event, file: "Daemon/Run.swift", line: 42, function: "run()")
    #expect(
      records.all == [
        LogRecord(
          .notice, "sending to 239.1.1.1:5001 on eth0 again, after 2 beats that could not be sent",
          kind: .sendRecovered,
          fields: [
            "MCAST_GROUP": "239.1.1.1", "MCAST_PORT": "5001", "MCAST_INTERFACE": "eth0", "MCAST_FAILED": "2",
          ],
          file: "Daemon/Run.swift", line: 42, function: "run()")
      ])
  }

  @Test("an event without an entry is not reported")
  func nothing() {
    log(.debug).report(.peer(.removed([]), group: Self.group))
    #expect(records.all.isEmpty)
  }

  @Test("a message without a kind has the place of its caller")
  func place() throws {
    log(.debug).debug("d")
    #expect(records.all.map(\.message) == ["d"])
    for record in records.all {
      #expect(record.kind == nil && record.file == "JournalTests/EventLogTests.swift")
      #expect(record.function == "place()")
    }
  }

  @Test("what is less important than the level is left out", arguments: JournalPriority.allCases)
  func level(_ level: JournalPriority) {
    let log = log(level)
    log.report(.service(.startFailed(reason: "")))
    log.report(.service(.settingUnknown(warning: "")))
    log.report(.service(.configurationApplied(status: "", changes: [])))
    log.debug("")
    #expect(
      records.all.map(\.priority)
        == [JournalPriority.error, .warning, .notice, .debug].filter { $0 <= level })
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
    log.report(.service(.configurationApplied(status: "left out", changes: [])))
    log.report(.service(.settingUnknown(warning: "left out")))
    #expect(records.all.map(\.message) == ["1"])
  }
}
