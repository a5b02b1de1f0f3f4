// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import Daemon
@testable import Journal
@testable import Liveness
@testable import Monitor
@testable import Platform

// The way into the journal, and files.
extension MessageTextTests {
  static func journal() throws -> [Row] {
    let (first, second) = try Example.numbers()
    let loudest: [(source: IPAddress, count: UInt64)] = [(Example.address(5), 30), (Example.address(6), 10)]
    return [
      Row(
        .journal(.summarised(.budget, first, loudest: loudest)), .summarised, .warning,
        "40 datagrams within 1.0 s have no entry of their own: over the budget of log.rate and log.burst. "
          + "Loudest: 10.0.0.5 (30), 10.0.0.6 (10)", ["MCAST_REASON": "budget"]),
      Row(
        .journal(.summarised(.stall, second, loudest: loudest)), .journalStalled, .warning,
        "2 datagrams within 1.0 s have no entry of their own; 42 in all within 4.0 s: the journal did not "
          + "take entries and log.queue was full. Loudest: 10.0.0.5 (30), 10.0.0.6 (10)",
        ["MCAST_REASON": "stall", "MCAST_LOUDEST": "10.0.0.5 (30), 10.0.0.6 (10)"]),
      Row(
        .journal(.heartbeatVolume(bytes: 1_250_000_000, entries: 4_000, span: 300 * Self.second)),
        .heartbeatVolume, .warning,
        "heartbeats take 1.2 GB of the journal a day, as of the last 5 min 0 s. Set log.heartbeats=own or "
          + "log.heartbeats=no: peers are watched and reported all the same. Or give mcastd a journal of its "
          + "own with LogNamespace= in the unit.", ["MCAST_COUNT": "4000"]),
      Row(
        .journal(.unreachable(for: 9 * Self.second, errno: ECONNREFUSED)), .journalUnreachable, .warning,
        "journald could not be reached for 9.0 s: Connection refused (ECONNREFUSED)",
        ["ERRNO": "111", "MCAST_SPAN_USEC": "9000000"]),
      Row(
        .journal(.messagesLost(7)), .messagesLost, .warning,
        "7 messages of mcastd were lost while the journal was stalled"),
    ]
  }

  static var files: [Row] {
    let failure = FileFailure(call: "open", path: "/run/mcastd/x", errno: EACCES)
    return [
      Row(
        .files(.failing(failure, files: "peers", consequence: "Units may not see it.")), .filesFailing,
        .warning,
        "the files of peers cannot be written: open /run/mcastd/x: Permission denied (EACCES). Units may "
          + "not see it. It is tried again each second. The directory must be writable for the daemon's user.",
        ["ERRNO": "13"]),
      Row(
        .files(.recovered(files: "peers")), .filesRecovered, .notice, "the files of peers are written again"),
    ]
  }

  @Test("files are reported when they fail and when they recover")
  func fileHealth() {
    let events = RecordedEvents()
    let failure = FileFailure(call: "open", path: "/run/mcastd/x", errno: EACCES)
    for change: FileHealth.Change? in [.failing(failure), .recovered, nil] {
      events.reporter.report(change, files: "peers", consequence: "")
    }
    #expect(events.all.map(\.kind) == [.filesFailing, .filesRecovered])
  }
}
