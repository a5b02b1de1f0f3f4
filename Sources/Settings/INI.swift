// SPDX-License-Identifier: Apache-2.0

import Platform

/// The syntax of configuration files, after systemd.syntax(7): a pure function from bytes to assignments.
///
/// - `[section]` names the part of a key before the dot; keys without a dot stand before the first section.
/// - Names are taken in upper or lower case.
/// - A line that begins with `#` or `;` is a comment, also between continued lines.
/// - A line that ends in a backslash goes on in the next, with a space between.
/// - An empty value is kept; it resets the key.
package enum INI {
  /// Bytes in a file.
  package static let maximumSize = 1 << 20
  /// Bytes in a name, section and dot included.
  package static let maximumNameLength = 64

  package struct Assignment: Equatable, Sendable {
    /// In lower case; empty before the first section.
    package var section: String
    /// In lower case, as it stands in its section.
    package var key: String
    /// Without white space around it.
    package var value: String
    /// From 1; the first of continued lines.
    package var line: Int

    /// With the section and a dot before it.
    package var name: String { section.isEmpty ? key : section + "." + key }
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
  package static func parse(_ bytes: [UInt8]) -> Contents {
    guard bytes.count <= maximumSize else {
      return Contents(errors: [
        SyntaxError(line: 0, problem: "larger than \(Quantity.bytesText(maximumSize))")
      ])
    }
    var parser = Parser()
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
    var contents = Contents()
    /// `nil` below a section whose name is an error.
    var section: String? = ""
    /// Continued lines, joined, and the number of the first. Appended to in place: a hostile file has half a
    /// million of them.
    var continued = ""
    var start: Int?

    mutating func take(_ line: String, number: Int) {
      let content = line.trimmingBlanks()
      guard !content.hasPrefix("#"), !content.hasPrefix(";") else { return }
      let text = line.utf8.lastIndex { $0 != 0x5c }.map { line.utf8.index(after: $0) } ?? line.startIndex
      start = start ?? number
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
      let text = continued.trimmingBlanks()
      (continued, start) = ("", nil)
      do throws(SyntaxError) {
        try interpret(text, line: line)
      } catch {
        contents.errors.append(error)
      }
    }

    private mutating func interpret(_ text: String, line: Int) throws(SyntaxError) {
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
      let key = try name(text[..<equals], line: line)
      guard let section else { return }
      let value = text[text.utf8.index(after: equals)...].trimmingBlanks()
      let assignment = Assignment(section: section, key: key, value: value, line: line)
      guard assignment.name.utf8.count <= maximumNameLength else {
        throw SyntaxError(line: line, problem: "a key has at most \(maximumNameLength) bytes")
      }
      contents.assignments.append(assignment)
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
