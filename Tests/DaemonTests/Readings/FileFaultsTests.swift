// SPDX-License-Identifier: Apache-2.0

import Facts
import Monitor
import Testing

@testable import Daemon

@Suite("What is told of files of readings")
struct FileFaultsTests {
  private static let second: Int64 = 1_000_000_000

  private func fault(_ name: String, _ problem: ReadingFileFault.Problem) -> ReadingFileFault {
    ReadingFileFault(path: "/r/\(name)", problem: problem)
  }

  private func told(_ faults: inout FileFaults, _ now: [ReadingFileFault], at time: Int64 = 0) -> [String] {
    faults.take(now, at: time).map { event in
      switch event {
      case .faulty(let fault): "+\(fault.path)"
      case .mended(let path): "-\(path)"
      case .leftOut, .nameless: "?"
      }
    }
  }

  @Test("a fault is told once, and its end")
  func once() {
    var faults = FileFaults()
    #expect(told(&faults, [fault("a.a", .hangs), fault("b.b", .name)]) == ["+/r/a.a", "+/r/b.b"])
    #expect(told(&faults, [fault("a.a", .hangs), fault("b.b", .name)]) == [])
    #expect(told(&faults, [fault("b.b", .name)]) == ["-/r/a.a"])
  }

  @Test("a file that has another fault than before is not well")
  func another() {
    var faults = FileFaults()
    _ = told(&faults, [fault("a.a", .hangs)])
    #expect(told(&faults, [fault("a.a", .empty)]) == ["+/r/a.a"])
    #expect(told(&faults, []) == ["-/r/a.a"])
  }

  @Test("what flaps is told a hundred times, then once in ten seconds, and in the end as it is")
  func flapping() {
    var faults = FileFaults()
    var count = 0
    for step in 0..<1000 as Range<Int64> {
      count += told(&faults, step % 2 == 0 ? [fault("a.a", .empty)] : [], at: step * Self.second / 10).count
    }
    #expect((100...112).contains(count))
    let last = told(&faults, [fault("a.a", .empty)], at: 1000 * Self.second)
    let again = told(&faults, [fault("a.a", .empty)], at: 2000 * Self.second)
    #expect(last.count <= 1 && again == [])
    #expect(told(&faults, [], at: 3000 * Self.second) == ["-/r/a.a"])
  }
}
