// SPDX-License-Identifier: Apache-2.0

import Facts
import Heartbeat
import TestSupport
import Testing

@Suite("Names of files of readings")
struct ReadingFileNamesTests {
  private static let directory = "/etc/mcastd/readings.d"

  private func names(_ names: [String]) -> ReadingFileNames {
    ReadingFileNames(names, directory: Self.directory)
  }

  private func fault(_ problem: ReadingFileFault.Problem, _ name: String? = nil) -> ReadingFileFault {
    ReadingFileFault(path: Self.directory + (name.map { "/\($0)" } ?? ""), problem: problem)
  }

  @Test("files that are named by a key are read, in order")
  func keys() {
    let found = names(["ups.status", "a.b", "temp.inlet"])
    #expect(found.keys.map(\.text) == ["a.b", "temp.inlet", "ups.status"])
    #expect(found.faults == [])
  }

  @Test(
    "what is there for a moment is ignored without a word",
    arguments: [
      ".hidden", ".ups.status.swp", "ups.status~", "ups.status.tmp", "ups.status.new", "ups.status.swp",
      "ups.status.dpkg-old", "ups.status.dpkg-new", "UPS.dpkg-dist", "x~",
    ])
  func ignored(name: String) {
    #expect(ReadingFileNames.isIgnored(name))
    #expect(names([name]) == names([]))
  }

  @Test(
    "any other name is a fault",
    arguments: [
      "README", "UPS.status", "host", "test.ups.status", "temp.é", "a b.c", "temp.\u{fffd}", "x.y=z",
    ])
  func faults(name: String) {
    #expect(names([name]).keys == [])
    #expect(names([name]).faults == [fault(.name, name)])
  }

  @Test("of more than 64 readings the last are left out, whatever order they are found in")
  func tooMany() {
    var random = SeededRandom(testSeed: 64)
    let all = (100..<200).map { "zone.\($0)" }
    let found = names(all.shuffled(using: &random))
    #expect(found.keys.map(\.text) == Array(all.prefix(64)))
    #expect(found.faults.count == 1)
    if case .leftOut(let key, let count) = found.faults.first?.problem {
      #expect(key.text == "zone.164" && count == 36)
    } else {
      Issue.record("\(found.faults)")
    }
    #expect(names(Array(all.prefix(64))).faults == [])
  }

  @Test("of thousands of names the first thousand are looked at, and few faults are told")
  func bounded() {
    let found = names((0..<5000).map { "X\($0)" } + ["ups.status"])
    #expect(found.keys == [])
    #expect(found.faults.count == 34)
    #expect(found.faults.suffix(2) == [fault(.moreNames(count: 968)), fault(.tooManyNames)])
    let few = names((0..<32).map { "X\($0)" })
    #expect(few.faults.count == 32)
    #expect(few.faults.allSatisfy { $0.problem == .name })
  }
}
