// SPDX-License-Identifier: Apache-2.0

import Facts
import Heartbeat
import TestSupport
import Testing

@Suite("Contents of files of readings")
struct ReadingContentTests {
  private typealias Problem = ReadingFileFault.Problem

  private func value(_ text: String, _ sensor: String? = nil) throws(ReadingFileFault.Problem) -> String {
    try ReadingContent.value(of: Array(text.utf8), scale: sensor.flatMap { SensorScale(path: $0) }).text
  }

  private static let longest = String(repeating: "x", count: ReadingValue.longest)

  @Test(
    "the value is the first line without blanks around it",
    arguments: [
      ("OB", "OB"), ("OB\n", "OB"), ("OB DISCHRG\n", "OB DISCHRG"), ("OB\r\n", "OB"), (" \tOB  \t\n", "OB"),
      ("OB\nOL\n", "OB"), ("OB\n\u{0}\u{1}", "OB"), ("24.5C\r", "24.5C"), ("?\n", "?"), (" ? ", "?"),
      ("a\"b\\c", "a\"b\\c"), ("~\n", "~"),
      (longest, longest), (longest + "\n", longest), (longest + "\nmore", longest),
    ])
  func values(text: String, expected: String) throws {
    #expect(try value(text) == expected)
  }

  @Test("a line of an integer is scaled where a sensor is meant, and ? is unknown all the same")
  func scaled() throws {
    #expect(try value("23456\n", "temp1_input") == "23.456C")
    #expect(try value(" 23456\r\n", "temp1_input") == "23.456C")
    #expect(try value("?\n", "temp1_input") == "?")
    #expect(try value("23456\n") == "23456")
  }

  @Test("what has no value says why")
  func problems() {
    #expect(throws: Problem.empty) { try value("") }
    #expect(throws: Problem.empty) { try value("\n") }
    #expect(throws: Problem.empty) { try value(" \t\r\nOB\n") }
    #expect(throws: Problem.tooLong) { try value(Self.longest + "x") }
    #expect(throws: Problem.tooLong) { try value(Self.longest + "x\n") }
    #expect(throws: Problem.tooLong) { try value(" " + Self.longest) }
    #expect(throws: Problem.notPrintable) { try value("24.5°C\n") }
    #expect(throws: Problem.notPrintable) { try value("a\u{0}b") }
    #expect(throws: Problem.notPrintable) { try value("a\rb") }
    #expect(throws: Problem.notPrintable) { try value("a\tb") }
    #expect(throws: Problem.notPrintable) { try value("\u{1b}[2J") }
    #expect(throws: Problem.notPrintable) { try value("\u{7f}") }
    #expect(throws: Problem.noInteger(unit: "C")) { try value("23.456C\n", "temp1_input") }
    #expect(throws: Problem.noInteger(unit: "rpm")) { try value("stopped\n", "fan1_input") }
  }

  @Test("any bytes are a printable value or a problem, and no more than the first 257 are looked at")
  func hostile() {
    var random = SeededRandom(testSeed: 257)
    let sensor = SensorScale(path: "temp1_input")
    // Often enough something that is a value.
    let common = Array("0123456789-.C \n\r\t?OBL".utf8)
    for _ in 0..<20_000 {
      let bytes = (0..<random.below(300)).map { _ in
        random.chance(0.98) ? common[random.below(common.count)] : UInt8(random.below(256))
      }
      for scale in [nil, sensor] {
        let result = Result { () throws(Problem) in try ReadingContent.value(of: bytes, scale: scale) }
        let start = Array(bytes.prefix(ReadingContent.enough))
        #expect(
          result == Result { () throws(Problem) in try ReadingContent.value(of: start, scale: scale) })
        if case .success(let value) = result { #expect(ReadingValue(value.text) == value) }
      }
    }
  }
}
