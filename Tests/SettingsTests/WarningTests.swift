// SPDX-License-Identifier: Apache-2.0

import Platform
import TestSupport
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
        "unknown variable \(name) in the environment is ignored; did you mean \(nearest)?"
      ])
  }

  @Test(
    "an unknown key in a file is told with its line and the nearest known one",
    arguments: [
      ("prot=7", "prot", "port"), ("[publish]\ngrup=239.1.1.1", "publish.grup", "publish.group"),
      ("[publsh]\ngroup=239.1.1.1", "publsh.group", "publish.group"),
      ("[pers]\nmax=5", "pers.max", "peers.max"),
      ("receive_buffer=4M", "receive_buffer", "receive-buffer"),
      ("[publish]\ninterfase=a", "publish.interfase", "publish.interface"),
    ])
  func fileKey(text: String, name: String, nearest: String) throws {
    let warnings = try load(file: "# comment\n" + text + "\n").warnings
    guard case .unknown(name, nearest, .file(_, let number))? = warnings.first else {
      Issue.record("\(warnings)")
      return
    }
    #expect(number == text.split(separator: "\n").count + 1)
    #expect(warnings.count == 1)
    #expect(warnings.first?.concernsFile == true)
  }

  @Test(
    "a name that is near to nothing is told without a guess",
    arguments: ["colour", "xyz", "db", "[publish]\nx", "k7"])
  func nothingNear(name: String) throws {
    let warning = try #require(try load(file: name + "=7\n").warnings.first)
    guard case .unknown(_, nil, _) = warning else {
      Issue.record("\(warning)")
      return
    }
    #expect(warning.description.hasSuffix(" is ignored"))
    #expect(
      try load(environment: ["MCASTD_COLOUR": "1", "MCASTD_WARNINGS_AS_ERRORS": "1"]).warnings.map(
        \.description) == [
          "unknown variable MCASTD_COLOUR in the environment is ignored",
          "unknown variable MCASTD_WARNINGS_AS_ERRORS in the environment is ignored",
        ])
  }

  @Test(
    "a key in the wrong section is told with the section in which it stands and the one to which it belongs",
    arguments: [
      ("[peers]\ngroup=239.2.2.2", "group is ignored in [peers]; it belongs before the first section"),
      ("[publish]\ninterval=2s", "interval is ignored in [publish]; it belongs before the first section"),
      ("[publish]\nlog.rate=2", "log.rate is ignored in [publish]; it belongs to [log]"),
      ("rate=5", "rate is ignored before the first section; it belongs to [log]"),
      ("enabled=no", "enabled is ignored before the first section; it belongs to [publish] or [subscribe]"),
      ("[log]\nmax=77", "max is ignored in [log]; it belongs to [peers]"),
      (
        "[Multicast]\ngroup=239.1.1.1", "group is ignored in [multicast]; it belongs before the first section"
      ),
    ])
  func misplaced(text: String, told: String) throws {
    let warning = try #require(try load(file: text + "\n").warnings.first)
    let number = text.split(separator: "\n").count
    #expect(warning.description.hasSuffix("mcastd.conf:\(number): \(told)"), "\(warning)")
    #expect(warning.concernsFile)
  }

  @Test("a key that is appended to the file as it is shipped holds", arguments: Key.allCases)
  func appended(key: Key) throws {
    let shipped = try shippedFile()
    // An empty value would reset the key.
    let byDefault = key.defaultText ?? key.inherits?.defaultText ?? ""
    let value = byDefault.isEmpty ? key.example.values[0] : byDefault
    let settings = try load(file: shipped + "\(key.name)=\(value)\n")
    guard case .file = settings.origin(key) else {
      Issue.record("\(key.name) is not from the file")
      return
    }
    #expect(settings.warnings.isEmpty)
  }

  @Test("the file as it is shipped has every key, as a comment with its default")
  func shipped() throws {
    let keys = Key.allCases.compactMap { key in key.defaultText.map { "#\(key.name)=\($0)" } }
    let lines = try shippedFile().split(separator: "\n").map(String.init)
    #expect(keys.filter { !lines.contains($0) } == [])
    #expect(lines.allSatisfy { $0.hasPrefix("#") }, "all are comments")
    let settings = try load(
      file: lines.map { $0.contains("=") ? String($0.dropFirst()) : $0 }.joined(separator: "\n"))
    #expect(settings.warnings.isEmpty)
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

private func shippedFile() throws -> String { try SourceTree.read("packaging/mcastd.conf") }
