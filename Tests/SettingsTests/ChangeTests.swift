// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Settings

struct ChangeTests {
  private func effects(_ arguments: [Key: String]) throws -> Set<ReloadEffect> {
    Set(try load(arguments).changes(from: try load()).map(\.key.reloadEffect)).subtracting([.none])
  }

  @Test(
    "a change of one key touches its part and no other",
    arguments: [
      (Key.group, "239.2.2.2", [ReloadEffect.receiver, .senders]), (.port, "7", [.receiver, .senders]),
      (.interface, "eth0", [.interfaces]), (.source, "10.0.0.5", [.sources]),
      (.publishEnabled, "no", [.schedule]), (.publishGroup, "239.2.2.2", [.senders]),
      (.publishPort, "7", [.senders]), (.publishInterface, "eth0", [.interfaces]),
      (.subscribeEnabled, "no", [.receiver]), (.subscribeGroup, "239.2.2.2", [.receiver]),
      (.subscribePort, "7", [.receiver]), (.subscribeInterface, "eth0", [.interfaces]),
      (.interval, "2s", [.schedule]), (.ttl, "2", [.senders]), (.loopback, "no", [.senders]),
      (.timestamp, "utc", [.zone]), (.receiveBuffer, "1M", [.receiveBuffer]), (.logRate, "1", [.log]),
      (.logBurst, "1", [.log]), (.logOwn, "no", [.log]), (.logHeartbeats, "own", [.log]),
      (.logQueue, "1M", [.log]),
      (.logLevel, "debug", [.log]), (.peersMax, "16", [.peers]), (.peersExpected, "10.0.0.7", [.peers]),
    ])
  func oneKey(key: Key, value: String, touched: [ReloadEffect]) throws {
    #expect(try effects([key: value]) == Set(touched))
  }

  @Test("a change says the key, both values and where the new one comes from")
  func change() throws {
    let changes = try load([.interval: "1500ms"]).changes(from: try load())
    #expect(
      changes == [
        SettingChange(
          key: .interval, before: "1s", after: "1500ms", origin: .commandLine(flag: "--interval"))
      ])
  }

  @Test("the same value from elsewhere is no change")
  func origins() throws {
    let defaults = Key.allCases.compactMap { key in key.defaultText.map { (key, $0) } }
    #expect(try load(Dictionary(uniqueKeysWithValues: defaults)).changes(from: try load()) == [])
  }
}
