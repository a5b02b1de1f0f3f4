// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Testing

@testable import Facts

@Suite("Table of files of readings")
struct ReadingFileTableTests {
  private typealias Problem = ReadingFileFault.Problem

  private static let directory = "/etc/mcastd/readings.d"
  private var table: ReadingFileTable = .init(directory: Self.directory)
  private let status: ReadingKey
  private let inlet: ReadingKey

  init() throws {
    status = try #require(ReadingKey("ups.status"))
    inlet = try #require(ReadingKey("temp.inlet"))
  }

  private mutating func note(
    _ key: ReadingKey, _ text: String, at now: Int64 = 0
  ) throws {
    table.note(.success(try #require(ReadingValue(text))), of: key, now: now)
  }

  private func fault(_ problem: Problem, _ key: ReadingKey? = nil) -> ReadingFileFault {
    ReadingFileFault(path: Self.directory + (key.map { "/\($0)" } ?? ""), problem: problem)
  }

  private func values(_ values: [ReadingKey: String]) throws -> [ReadingKey: ReadingValue] {
    try values.mapValues { try #require(ReadingValue($0)) }
  }

  @Test("a file is there once it was read, until it is gone")
  mutating func life() throws {
    #expect(table.list(["ups.status", "temp.inlet", "x~"]) == [inlet, status])
    #expect(table.files == ReadingFiles())
    try note(status, "OL")
    #expect(table.files == ReadingFiles(values: try values([status: "OL"])))
    try note(inlet, "24.5C")
    #expect(table.list(["ups.status", "temp.inlet", "a.b"]).map(\.text) == ["a.b"])
    #expect(table.files.values == (try values([status: "OL", inlet: "24.5C"])))
    #expect(table.list(["temp.inlet"]) == [])
    #expect(table.files.values == (try values([inlet: "24.5C"])))
    // What was read of it meanwhile is too late.
    try note(status, "OB")
    #expect(table.files.values == (try values([inlet: "24.5C"])))
    #expect(table.list(["ups.status"]) == [status])
    #expect(table.files == ReadingFiles())
  }

  @Test("a file with a fault is unknown")
  mutating func faults() throws {
    _ = table.list(["ups.status", "temp.inlet", "README"])
    try note(status, "OL")
    table.note(.failure(.hangs), of: inlet, now: 0)
    table.note(.failure(.tooLong), of: status, now: 0)
    #expect(table.files.values == [status: .unknown, inlet: .unknown])
    let name = ReadingFileFault(path: Self.directory + "/README", problem: .name)
    #expect(table.files.faults == [name, fault(.hangs, inlet), fault(.tooLong, status)])
    try note(status, "OB")
    #expect(table.files.values == (try values([status: "OB", inlet: "?"])))
    #expect(table.files.faults == [name, fault(.hangs, inlet)])
  }

  @Test("a file that is empty for a moment says what it said")
  mutating func empty() throws {
    let lasts = ReadingFileTable.emptyLasts
    _ = table.list(["ups.status", "temp.inlet"])
    try note(status, "OL")
    for now in [5, 6, 4 + lasts] {
      table.note(.failure(.empty), of: status, now: now)
      table.note(.failure(.empty), of: inlet, now: now)
      #expect(table.files == ReadingFiles(values: try values([status: "OL", inlet: "?"])))
    }
    table.note(.failure(.empty), of: status, now: 5 + lasts)
    table.note(.failure(.empty), of: inlet, now: 5 + lasts)
    #expect(table.files.values == [status: .unknown, inlet: .unknown])
    #expect(table.files.faults == [fault(.empty, inlet), fault(.empty, status)])
    table.note(.failure(.empty), of: status, now: 6 + lasts)
    #expect(table.files.faults == [fault(.empty, inlet), fault(.empty, status)])
    // The next time is a new one.
    try note(status, "OB", at: 7 + lasts)
    table.note(.failure(.empty), of: status, now: 3 * lasts)
    #expect(table.files.values == (try values([status: "OB", inlet: "?"])))
  }

  @Test("where the directory cannot be read its files are wanted as before, where it is gone they are not")
  mutating func directory() throws {
    _ = table.list(["ups.status"])
    try note(status, "OL")
    table.list(failed: .noDirectory(errno: 13), isGone: false)
    try note(status, "OB")
    #expect(table.files.values == (try values([status: "OB"])))
    #expect(table.files.faults == [fault(.noDirectory(errno: 13))])
    table.list(failed: .noDirectory(errno: 2), isGone: true)
    #expect(table.files == ReadingFiles(faults: [fault(.noDirectory(errno: 2))]))
    #expect(table.list(["ups.status"]) == [status])
    #expect(table.files == ReadingFiles())
  }

  @Test("that changes are not notified is no matter of the values")
  mutating func unwatched() throws {
    _ = table.list(["ups.status"])
    try note(status, "OL")
    table.watch(.unwatched(call: "inotify_init1", errno: 24))
    #expect(table.files.values == (try values([status: "OL"])))
    #expect(table.files.faults == [fault(.unwatched(call: "inotify_init1", errno: 24))])
    table.watch(nil)
    #expect(table.files.faults == [])
  }
}
