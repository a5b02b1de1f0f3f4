// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Platform

/// The assignments of a text in which all is well; otherwise its first error.
private func parse(_ text: String) throws(INI.SyntaxError) -> [INI.Assignment] {
  try parse(Array(text.utf8))
}

private func parse(_ bytes: [UInt8]) throws(INI.SyntaxError) -> [INI.Assignment] {
  let contents = INI.parse(bytes)
  if let error = contents.errors.first { throw error }
  return contents.assignments.map(\.withoutPieces)
}

extension INI.Assignment {
  /// Without where it stands, which has a test of its own.
  fileprivate var withoutPieces: INI.Assignment {
    INI.Assignment(section: section, key: key, value: value, line: line)
  }
}

/// - Parameter name: with at most one section, and that before the first dot.
private func assignment(_ name: String, _ value: String, _ line: Int) -> INI.Assignment {
  let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
  return INI.Assignment(
    section: parts.count > 1 ? parts[0] : "", key: parts.last ?? "", value: value, line: line)
}

struct INITests {
  @Test("sections are the part before the dot; comments and empty lines count as lines")
  func syntax() throws {
    let text = """
      # a comment
      ; another

      group = 239.1.1.1
      \tport=5001\t
      [publish]
      Group=239.2.2.2
        # indented
      [ LOG ]
      rate=0
      """
    #expect(
      try parse(text) == [
        assignment("group", "239.1.1.1", 4), assignment("port", "5001", 5),
        assignment("publish.group", "239.2.2.2", 7), assignment("log.rate", "0", 10),
      ])
  }

  @Test("a dotted key needs no section")
  func dotted() throws {
    #expect(
      try parse("publish.group=x") == [
        INI.Assignment(section: "", key: "publish.group", value: "x", line: 1)
      ])
    #expect(try parse("publish.group=x").first?.name == "publish.group")
  }

  @Test("a value keeps what stands in it")
  func values() throws {
    #expect(
      try parse("a=b = c # d ; e\nf=\ng=\"h\"\ni= ü…\n") == [
        assignment("a", "b = c # d ; e", 1), assignment("f", "", 2), assignment("g", "\"h\"", 3),
        assignment("i", "ü…", 4),
      ])
  }

  @Test("a backslash at the end of a line joins the next, over comments, and counts as the first line")
  func continuation() throws {
    #expect(
      try parse("source=10.0.0.5,\\\n# between\n  10.0.0.6\nport=7\n") == [
        assignment("source", "10.0.0.5,   10.0.0.6", 1), assignment("port", "7", 4),
      ])
    #expect(try parse("a=b\\") == [assignment("a", "b", 1)])
    #expect(try parse("a=b\\\n\nc=d") == [assignment("a", "b", 1), assignment("c", "d", 3)])
    #expect(try parse("a=b\\\\\nc=d") == [assignment("a", "b\\\\", 1), assignment("c", "d", 2)])
  }

  @Test("line ends of other systems and a byte order mark are no matter")
  func foreignEditors() throws {
    let bytes: [UInt8] = [0xef, 0xbb, 0xbf] + Array("a=1\r\n[s]\r\nb=2".utf8)
    #expect(try parse(bytes) == [assignment("a", "1", 1), assignment("s.b", "2", 3)])
    #expect(try parse([]).isEmpty)
  }

  @Test(
    "what is not INI is refused with its line",
    arguments: [
      ("a=1\nnonsense\n", 2, "expected key=value"), ("\n\n[publish\n", 3, "a section ends in ]"),
      ("[]\n", 1, "a name is"), ("=5\n", 1, "a name is"), ("a b=5\n", 1, "a name is"),
      ("a=1\n{\"b\":2}", 2, "expected"),
      ("grüp=1", 1, "a name is"), ("a=1\u{0}", 1, "byte 0 is not text"),
      ("x=1\ny=\u{1b}[2J", 2, "byte 27 is not text"),
      ("a=1\rb=2", 1, "byte 13 is not text"), ("a=\u{7f}", 1, "byte 127 is not text"),
      ("x=1\na\\\nb=2\n", 2, "a name is"), ("a\\", 1, "expected"), ("[a] b\n", 1, "a section ends in ]"),
    ])
  func refuses(text: String, line: Int, problem: String) {
    let error = #expect(throws: INI.SyntaxError.self) { try parse(text) }
    #expect(error?.line == line)
    #expect(error?.problem.hasPrefix(problem) == true, "\(String(describing: error))")
  }

  @Test("reading goes on after an error, and passes over a section whose name cannot be read")
  func goesOn() {
    let contents = INI.parse(Array("a=1\nnonsense\n[b\nc=2\n[d]\ne f=3\ng=4\n".utf8))
    #expect(
      contents.assignments.map(\.withoutPieces) == [assignment("a", "1", 1), assignment("d.g", "4", 7)])
    #expect(contents.errors.map(\.line) == [2, 3, 6])
  }

  @Test("what is not text ends the file")
  func endsAtBinary() {
    let contents = INI.parse(Array("a=1\n\u{1}\n\u{2}\nb=2\n".utf8))
    #expect(contents.assignments.map(\.withoutPieces) == [assignment("a", "1", 1)])
    #expect(contents.errors.map(\.line) == [2])
  }

  @Test("bytes that are not UTF-8 are refused with their line")
  func notUTF8() {
    let error = #expect(throws: INI.SyntaxError.self) { try parse(Array("a=1\nb=".utf8) + [0xc3, 0x28]) }
    #expect(error == INI.SyntaxError(line: 2, problem: "not UTF-8 text"))
  }

  @Test("names and files have their limits")
  func limits() throws {
    let name = String(repeating: "n", count: 64)
    #expect(try parse(name + "=1").count == 1)
    #expect(throws: INI.SyntaxError.self) { try parse(name + "n=1") }
    #expect(throws: INI.SyntaxError.self) { try parse("[s]\n\(name)=1") }
    #expect(try parse([UInt8](repeating: 0x0a, count: INI.maximumSize)).isEmpty)
    let error = #expect(throws: INI.SyntaxError.self) {
      try parse([UInt8](repeating: 0x0a, count: INI.maximumSize + 1))
    }
    #expect(error == INI.SyntaxError(line: 0, problem: "larger than 1MiB"))
  }

  @Test("half a million continued lines are read in linear time", .timeLimit(.minutes(1)))
  func manyContinuations() throws {
    let bytes = Array("a=".utf8) + Array(repeating: Array("\\\n".utf8), count: 500_000).joined()
    #expect(try parse(bytes) == [assignment("a", "", 1)])
  }

  @Test("random bytes and random pieces of syntax give assignments or an error on a line that is there")
  func random() {
    var generator = SeededRandom(testSeed: 20_000)
    let pieces = [
      "[", "]", "=", "\\", "\n", "\r\n", "#", ";", ".", "a", " ", "\t", "publish", "ü", "\u{feff}",
    ]
    for round in 0..<20_000 {
      let bytes: [UInt8] =
        round.isMultiple(of: 2)
        ? (0..<Int.random(in: 0...64, using: &generator)).map { _ in
          .random(in: .min ... .max, using: &generator)
        }
        : (0..<Int.random(in: 0...32, using: &generator)).flatMap { _ in
          Array((pieces.randomElement(using: &generator) ?? "").utf8)
        }
      let lines = bytes.count { $0 == 0x0a } + 1
      let contents = INI.parse(bytes)
      for assignment in contents.assignments {
        #expect((1...lines).contains(assignment.line), "\(bytes)")
        #expect(!assignment.name.isEmpty && assignment.name == assignment.name.lowercased(), "\(bytes)")
        #expect(assignment.value == assignment.value.trimmingBlanks(), "\(bytes)")
      }
      for error in contents.errors {
        #expect((1...lines).contains(error.line), "\(bytes)")
        #expect(!error.problem.contains("\n"), "\(bytes)")
      }
    }
  }

  @Test("a byte of a value is found again in the file, also in a line that continues it")
  func places() throws {
    let contents = INI.parse(Array("# a\n  when = 2 of a, \\\n# between\n\tb: x.y = 3 \\\n\nz=\n".utf8))
    let value = try #require(contents.assignments.first)
    #expect(value.value == "2 of a,  \tb: x.y = 3")
    let places = ["2", "a", "b", "3"].map { text in
      let found = value.value.utf8.firstIndex(of: text.utf8.first ?? 0) ?? value.value.endIndex
      return value.place(ofByte: value.value.utf8.distance(from: value.value.startIndex, to: found))
    }
    #expect(places.map(\.line) == [2, 2, 4, 4])
    #expect(places.map(\.column) == [10, 15, 2, 11])
    #expect(contents.assignments.last?.place(ofByte: 0).column == 3)
  }
}
