// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Settings

struct KeyTests {
  @Test(
    "a key has one spelling for files, one for the environment and one for the command line",
    arguments: [
      (Key.group, "group", "MCASTD_GROUP", "--group"),
      (.publishGroup, "publish.group", "MCASTD_PUBLISH_GROUP", "--publish-group"),
      (.receiveBuffer, "receive-buffer", "MCASTD_RECEIVE_BUFFER", "--receive-buffer"),
      (.logRate, "log.rate", "MCASTD_LOG_RATE", "--log-rate"),
      (.peersMax, "peers.max", "MCASTD_PEERS_MAX", "--peers-max"),
      (.peersExpected, "peers.expected", "MCASTD_PEERS_EXPECTED", "--peers-expected"),
    ])
  func spellings(key: Key, file: String, environment: String, flag: String) {
    #expect(key.name == file)
    #expect(key.environmentName == environment)
    #expect(key.flag == flag)
    #expect("--" + key.optionName == flag)
  }

  @Test("no two keys share a variable or a flag")
  func spellingsAreUnique() {
    #expect(Set(Key.allCases.map(\.environmentName)).count == Key.allCases.count)
    #expect(Set(Key.allCases.map(\.flag)).count == Key.allCases.count)
  }

  @Test("every key is described, and has either a default or a key to inherit from", arguments: Key.allCases)
  func described(key: Key) {
    #expect(!key.help.isEmpty && !key.help.hasSuffix("."))
    #expect(!key.accepted.isEmpty)
    #expect((key.defaultText == nil) == (key.inherits != nil))
    #expect(!key.defaultDescription.isEmpty)
  }

  @Test("the defaults are those of the manual, in its words")
  func defaults() throws {
    let settings = try load()
    #expect(
      settings.effective.map { "\($0.key.name)=\($0.value)" } == [
        "group=239.1.1.1", "port=5001", "interface=auto", "source=any",
        "publish.enabled=yes", "publish.group=239.1.1.1", "publish.port=5001", "publish.interface=auto",
        "subscribe.enabled=yes", "subscribe.group=239.1.1.1", "subscribe.port=5001",
        "subscribe.interface=auto",
        "interval=1s", "ttl=1", "loopback=yes", "timestamp=local", "receive-buffer=4MiB",
        "log.rate=100", "log.burst=1000", "log.own=yes", "log.heartbeats=yes",
        "log.queue=32MiB", "log.level=info", "peers.max=4096", "peers.expected=none",
      ])
    #expect(settings.effective.map(\.key) == Key.allCases)
    #expect(settings.effective.allSatisfy { $0.origin == .default })
    #expect(settings.warnings.isEmpty)
    #expect(settings.interval == .seconds(1))
    #expect(settings.receiveBuffer == 4_194_304)
    #expect(
      settings.log
        == Settings.Log(
          rate: 100, burst: 1000, own: true, heartbeats: .yes, queue: 33_554_432, level: .info))
    #expect(settings.publish.endpoint.description == "239.1.1.1:5001")
    #expect(settings.peersExpected.isEmpty)
  }
}
