// SPDX-License-Identifier: Apache-2.0

/// The syntax of configuration files, after systemd.syntax(7): a pure function from bytes to assignments.
///
/// - `[section]` names the part of a key before the dot; keys without a dot stand before the first section.
/// - Names are taken in upper or lower case.
/// - A line that begins with `#` or `;` is a comment, also between continued lines.
/// - A line that ends in a backslash goes on in the next, with a space between.
/// - An empty value is kept; it resets the key.
/// - In a section whose names are not ours, they are text as it stands, up to the first `=`.
package enum INI {
  /// Bytes in a file.
  package static let maximumSize = 1 << 20
  /// Bytes in a name, section and dot included.
  package static let maximumNameLength = 64
  /// Bytes in a name of a section whose names are not ours.
  package static let maximumForeignLength = 256

  package struct Assignment: Equatable, Sendable {
    /// In lower case; empty before the first section.
    package var section: String
    /// In lower case, as it stands in its section.
    package var key: String
    /// Without white space around it.
    package var value: String
    /// From 1; the first of continued lines.
    package var line: Int
    /// Where the lines begin that the value is made of.
    package var pieces: [Piece] = []

    /// An assignment; the parts are described at the properties.
    package init(section: String, key: String, value: String, line: Int, pieces: [Piece] = []) {
      self.section = section
      self.key = key
      self.value = value
      self.line = line
      self.pieces = pieces
    }

    /// Where a byte of the value stands in the file.
    ///
    /// - Parameter offset: Of the byte in the value; its length for the end.
    /// - Returns: Line and column, from 1, the column in bytes.
    package func place(ofByte offset: Int) -> (line: Int, column: Int) {
      guard let piece = pieces.last(where: { $0.offset <= offset }) else { return (line, 1) }
      return (piece.line, piece.column + offset - piece.offset)
    }

    /// With the section and a dot before it.
    package var name: String { section.isEmpty ? key : section + "." + key }
  }

  /// The part of a value that one of several continued lines has.
  package struct Piece: Equatable, Sendable {
    /// Of its first byte in the value.
    package var offset: Int
    /// Of the same byte in the file, from 1, the column in bytes.
    package var line: Int
    package var column: Int
  }

  /// Assignments, and lines that are none.
  package struct Contents: Equatable, Sendable {
    /// In the order of their lines; a name may repeat.
    package var assignments: [Assignment] = []
    package var errors: [SyntaxError] = []
  }

  package struct SyntaxError: Error, Equatable {
    /// From 1; 0 for the file as a whole.
    package var line: Int
    package var problem: String
  }

  /// Reads a whole file.
  ///
  /// A line that is none of comment, section, assignment or empty is an error, and parsing goes on after it.
  /// Assignments below a section whose name is an error are skipped. A line that is not UTF-8 text ends the
  /// parsing: the file is probably binary.
  ///
  /// - Parameter foreign: Sections whose names are not ours, in lower case.
  package static func parse(_ bytes: [UInt8], foreign: Set<String> = []) -> Contents {
    guard bytes.count <= maximumSize else {
      return Contents(errors: [
        SyntaxError(line: 0, problem: "larger than \(Quantity.bytesText(maximumSize))")
      ])
    }
    var parser = Parser(foreign: foreign)
    // The byte order mark that some editors leave.
    var rest = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? bytes.dropFirst(3) : bytes[...]
    var number = 0
    do throws(SyntaxError) {
      while !rest.isEmpty {
        number += 1
        let line = rest.prefix { $0 != 0x0a }
        rest = rest.dropFirst(line.count + 1)
        parser.take(try text(of: line, number: number), number: number)
      }
      parser.finish()
    } catch {
      parser.contents.errors.append(error)
    }
    return parser.contents
  }

  private static func text(of line: ArraySlice<UInt8>, number: Int) throws(SyntaxError) -> String {
    let line = line.last == 0x0d ? line.dropLast() : line
    if let control = line.first(where: { $0 < 0x20 && $0 != 0x09 || $0 == 0x7f }) {
      throw SyntaxError(line: number, problem: "byte \(control) is not text")
    }
    guard let text = String(validating: line, as: UTF8.self) else {
      throw SyntaxError(line: number, problem: "not UTF-8 text")
    }
    return text
  }
}

extension INI {
  /// State between two lines.
  private struct Parser {
    let foreign: Set<String>
    var contents = Contents()
    /// `nil` below a section whose name is an error.
    var section: String? = ""
    /// Continued lines, joined, and the number of the first. Appended to in place: a hostile file has half a
    /// million of them.
    var continued = ""
    var start: Int?
    /// Where each of them begins in `continued`.
    var starts: [(offset: Int, line: Int)] = []

    mutating func take(_ line: String, number: Int) {
      let content = line.trimmingBlanks()
      guard !content.hasPrefix("#"), !content.hasPrefix(";") else { return }
      let text = line.utf8.lastIndex { $0 != 0x5c }.map { line.utf8.index(after: $0) } ?? line.startIndex
      start = start ?? number
      starts.append((continued.utf8.count, number))
      // An even number of backslashes at the end does not continue the line.
      if line.utf8[text...].count.isMultiple(of: 2) {
        continued += line
        finish()
      } else {
        continued += line.dropLast()
        continued += " "
      }
    }

    /// The end of a logical line, or of the file.
    mutating func finish() {
      guard let line = start else { return }
      let (text, starts) = (continued, starts)
      (continued, start) = ("", nil)
      self.starts.removeAll(keepingCapacity: true)
      do throws(SyntaxError) {
        try interpret(text, line: line, starts)
      } catch {
        contents.errors.append(error)
      }
    }

    private mutating func interpret(
      _ untrimmed: String, line: Int, _ starts: [(offset: Int, line: Int)]
    ) throws(SyntaxError) {
      let text = untrimmed.trimmingBlanks()
      guard let first = text.utf8.first else { return }
      if first == 0x5b {
        section = nil
        guard text.hasSuffix("]") else { throw SyntaxError(line: line, problem: "a section ends in ]") }
        section = try name(text.dropFirst().dropLast(), line: line)
        return
      }
      guard let equals = text.utf8.firstIndex(of: 0x3d) else {
        throw SyntaxError(line: line, problem: "expected key=value, [section] or a comment")
      }
      guard !foreign.contains(section ?? "") else {
        return try interpretForeign(text, equals, line: line)
      }
      let key = try name(text[..<equals], line: line)
      guard let section else { return }
      let value = text[text.utf8.index(after: equals)...].trimmingBlanks()
      let assignment = Assignment(
        section: section, key: key, value: value, line: line, pieces: Self.pieces(of: untrimmed, starts))
      guard assignment.name.utf8.count <= maximumNameLength else {
        throw SyntaxError(line: line, problem: "a key has at most \(maximumNameLength) bytes")
      }
      contents.assignments.append(assignment)
    }

    private mutating func interpretForeign(
      _ text: String, _ equals: String.Index, line: Int
    ) throws(SyntaxError) {
      let key = text[..<equals].trimmingBlanks()
      guard (1...maximumForeignLength).contains(key.utf8.count) else {
        throw SyntaxError(line: line, problem: "what stands before = has 1–\(maximumForeignLength) bytes")
      }
      let value = text[text.utf8.index(after: equals)...].trimmingBlanks()
      contents.assignments.append(Assignment(section: section ?? "", key: key, value: value, line: line))
    }

    /// Where the value of `key=value` and the lines that continue it stand.
    private static func pieces(of text: String, _ starts: [(offset: Int, line: Int)]) -> [Piece] {
      let bytes = text.utf8
      guard let equals = bytes.firstIndex(of: 0x3d) else { return [] }
      let rest = bytes[equals...].dropFirst()
      let begin = rest.firstIndex { $0 != 0x20 && $0 != 0x09 && $0 != 0x0d } ?? bytes.endIndex
      let offset = bytes.distance(from: bytes.startIndex, to: begin)
      return starts.indices.compactMap { place in
        let end = place + 1 < starts.count ? starts[place + 1].offset : .max
        guard end > offset else { return nil }
        let first = max(starts[place].offset, offset)
        return Piece(
          offset: first - offset, line: starts[place].line, column: first - starts[place].offset + 1)
      }
    }

    private func name(_ text: Substring, line: Int) throws(SyntaxError) -> String {
      let name = text.trimmingBlanks()
      let isName = name.utf8.allSatisfy { byte in
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x5f: true
        default: false
        }
      }
      guard isName, !name.isEmpty, name.utf8.count <= maximumNameLength else {
        throw SyntaxError(
          line: line,
          problem: "a name is 1–\(maximumNameLength) letters, digits, dots, dashes and underscores, not "
            + (name.isEmpty ? "''" : Printable.line(name)))
      }
      return name.lowercased()
    }
  }
}
