// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Settings

struct WarningTests {
  @Test(
    "an unknown variable is told with the nearest known one",
    arguments: [
      ("MCASTD_PROT", "MCASTD_PORT"), ("MCASTD_GRUOP", "MCASTD_GROUP"),
      ("MCASTD_INTERFACES", "MCASTD_INTERFACE"),
      ("MCASTD_PUBLISH_GRP", "MCASTD_PUBLISH_GROUP"), ("MCASTD_RECEIVEBUFFER", "MCASTD_RECEIVE_BUFFER"),
    ])
  func variable(name: String, nearest: String) throws {
    let warnings = try load(environment: [name: "7"]).warnings
    #expect(warnings == [.unknown(name: name, nearest: nearest, origin: .environment(name))])
    #expect(
      warnings.map(\.description) == [
        "unknown variable \(name) in the environment is ignored; the nearest is \(nearest)"
      ])
  }

  @Test(
    "an unknown key in a file is told with its line and the nearest known one",
    arguments: [
      ("prot=7", "prot", "port"), ("[publish]\ngrup=239.1.1.1", "publish.grup", "publish.group"),
      ("[publsh]\ngroup=239.1.1.1", "publsh.group", "publish.group"),
      ("[publish]\ninterval=2s", "publish.interval", "interval"), ("rate=5", "rate", "log.rate"),
      ("[Multicast]\ngroup=239.1.1.1", "multicast.group", "group"),
      ("receive_buffer=4M", "receive_buffer", "receive-buffer"),
    ])
  func fileKey(text: String, name: String, nearest: String) throws {
    let warnings = try load(file: "# comment\n" + text + "\n").warnings
    guard case .unknown(name, nearest, .file(_, let number))? = warnings.first else {
      Issue.record("\(warnings)")
      return
    }
    #expect(number == text.split(separator: "\n").count + 1)
    #expect(warnings.count == 1)
  }

  @Test("a key without a dot after a section is told where it belongs")
  func misplaced() throws {
    let warning = try #require(try load(file: "[publish]\ninterval=2s\n").warnings.first)
    #expect(
      warning.description.hasSuffix(
        "mcastd.conf:2: unknown key publish.interval is ignored; the nearest is interval, "
          + "which stands before the first section"))
  }

  @Test("of very many unknown names some are told and the rest counted")
  func many() throws {
    let file = (0..<100_000).map { "k\($0)=1\n" }.joined()
    let warnings = try load(file: file).warnings
    #expect(warnings.count == SettingsWarning.maximumCount + 1)
    #expect(warnings.last == .more(100_000 - SettingsWarning.maximumCount))
  }

  @Test(
    "distance counts insertions, deletions, replacements and swaps of neighbours",
    arguments: [
      ("port", "port", 0), ("port", "prot", 1), ("port", "por", 1), ("port", "sport", 1), ("port", "part", 1),
      ("", "port", 4), ("port", "", 4), ("ttl", "log", 3),
    ])
  func distance(from: String, to: String, expected: Int) {
    #expect(Similarity.distance(from, to) == expected)
    #expect(Similarity.distance(to, from) == expected)
  }
}
