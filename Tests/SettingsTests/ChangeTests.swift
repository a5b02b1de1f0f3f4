// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Settings

struct ChangeTests {
  /// The parts that a change of one key touches.
  private func parts(_ arguments: [Key: String]) throws -> Set<String> {
    let change = SettingsChange(from: try load(), to: try load(arguments))
    let parts = [
      ("receiver", change.receiverMustBeReplaced), ("memberships", change.membershipsChanged),
      ("buffer", change.receiveBufferChanged), ("sender", change.senderChanged),
      ("schedule", change.scheduleChanged), ("timestamp", change.timestampChanged),
      ("log", change.logChanged),
      ("peers", change.peersChanged),
    ]
    #expect(change.isEmpty == parts.allSatisfy { !$0.1 })
    return Set(parts.filter(\.1).map(\.0))
  }

  @Test(
    "a change of one key touches its part and no other",
    arguments: [
      (Key.group, "239.2.2.2", ["receiver", "sender"]), (.port, "7", ["receiver", "sender"]),
      (.interface, "eth0", ["memberships", "sender"]), (.source, "10.0.0.5", ["memberships"]),
      (.publishEnabled, "no", ["sender", "schedule"]), (.publishGroup, "239.2.2.2", ["sender"]),
      (.publishPort, "7", ["sender"]), (.publishInterface, "eth0", ["sender"]),
      (.subscribeEnabled, "no", ["receiver"]), (.subscribeGroup, "239.2.2.2", ["receiver"]),
      (.subscribePort, "7", ["receiver"]), (.subscribeInterface, "eth0", ["memberships"]),
      (.interval, "2s", ["schedule"]), (.ttl, "2", ["sender"]), (.loopback, "no", ["sender"]),
      (.timestamp, "utc", ["timestamp"]), (.receiveBuffer, "1M", ["buffer"]), (.logRate, "1", ["log"]),
      (.logBurst, "1", ["log"]), (.logOwn, "no", ["log"]), (.logQueue, "1M", ["log"]),
      (.logLevel, "debug", ["log"]),
      (.peersMax, "16", ["peers"]),
    ])
  func oneKey(key: Key, value: String, touched: [String]) throws {
    #expect(try parts([key: value]) == Set(touched))
  }

  @Test("the same value from elsewhere is no change")
  func origins() throws {
    #expect(
      try parts(
        Dictionary(uniqueKeysWithValues: Key.allCases.compactMap { key in key.defaultText.map { (key, $0) } })
      ).isEmpty)
  }
}
