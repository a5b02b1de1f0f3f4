// SPDX-License-Identifier: Apache-2.0

import TestSupport
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

  @Test("a key that inherits has the format of the key that it inherits", arguments: Key.allCases)
  func inheritsFormat(key: Key) {
    guard let shared = key.inherits else { return }
    #expect(key.accepted == shared.accepted)
    #expect(shared.inherits == nil)
  }

  @Test("what a key accepts is worded with its choices, where they can be listed", arguments: Key.allCases)
  func choices(key: Key) {
    guard let last = key.choices.last else { return }
    #expect(key.accepted == key.choices.dropLast().joined(separator: ", ") + " or \(last)")
  }

  @Test("the manual has the settings by the same subjects")
  func subjects() throws {
    var heading = ""
    var subjects: [String: String] = [:]
    for line in try SourceTree.lines("packaging/man/mcastd.conf.5.scd") {
      if line.hasPrefix("# ") { heading = line.dropFirst(2).lowercased() }
      if let key = line.firstMatch(of: /^\*([a-z.-]+)=\*/) { subjects[String(key.1)] = heading }
    }
    for key in Key.allCases where key.inherits == nil {
      #expect(subjects[key.name] == key.subject.rawValue, "\(key.name)")
    }
    for key in Key.allCases { #expect(key.subject == (key.inherits ?? key).subject) }
  }

  @Test("every key has its default, in the order of the keys")
  func defaults() throws {
    let settings = try load()
    #expect(
      settings.effective
        == Key.allCases.map { EffectiveValue(key: $0, value: $0.example.byDefault, origin: .default) })
    #expect(settings.warnings.isEmpty)
  }

  @Test("the manual has every key with its variable and its default", arguments: Key.allCases)
  func manual(key: Key) throws {
    guard let text = key.defaultText else { return }
    let page = try SourceTree.read("packaging/man/mcastd.conf.5.scd")
    let entry = try #require(
      page.split(separator: "\n*\(key.name)=* (_\(key.environmentName)_)\n").dropFirst().first)
    let words = (entry.split(separator: "\n*").first ?? "").split { $0.isWhitespace }
    let index = try #require(words.firstIndex(of: "Default"))
    #expect(words[index + 1] == (text.isEmpty ? "empty." : "_\(text)_."))
  }

  @Test("values arrive in the properties of their keys, in their units")
  func properties() throws {
    let settings = try load()
    #expect(settings.interval == .seconds(1))
    #expect(settings.receiveBuffer == 4_194_304)
    #expect(settings.log.rate == 100)
    #expect(settings.log.queue == 33_554_432)
    #expect(settings.log.level == .info)
    #expect(settings.publish.endpoint.description == "239.1.1.1:5001")
    #expect(settings.peersExpected.isEmpty)
  }

  @Test("a property of another type than the row of its key is refused at the first load")
  func type() {
    let reader = SettingsReader(adopted: [:], arguments: [:], environment: [:], files: ConfigurationFiles())
    #expect(throws: SettingsError.self) { () throws(SettingsError) -> Int in try reader.value(.ttl) }
    #expect(throws: Never.self) { () throws(SettingsError) -> UInt8 in try reader.value(.ttl) }
  }
}
