// SPDX-License-Identifier: Apache-2.0

/// Text that is safe on a terminal. `Console` takes nothing else, so that no caller can forget to escape.
///
/// Literals are layout and stay as they are; interpolated values are escaped as one line
/// (`PlainText.oneLine`), since an interface can be called `e\u{1b}[31mx`. A `ConsoleText` is interpolated as
/// it is.
package struct ConsoleText: Equatable, Sendable {
  private var text: String

  private init(verbatim text: String) { self.text = text }

  /// Lines of text: newlines and tabs are layout, everything else is escaped.
  package init(lines text: String) {
    self.init(
      verbatim: text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
        line.split(separator: "\t", omittingEmptySubsequences: false).map { PlainText.oneLine(String($0)) }
          .joined(separator: "\t")
      }.joined(separator: "\n"))
  }

  /// A JSON text: newlines are layout, and control and formatting characters, which stand only in strings,
  /// become `\uXXXX`.
  package init(json text: String) {
    guard !text.unicodeScalars.allSatisfy(Escape.isPlain) else {
      self.init(verbatim: text)
      return
    }
    let escaped = text.unicodeScalars.reduce(into: "") { escaped, scalar in
      if scalar == "\n" || Escape.isPlain(scalar) {
        escaped.unicodeScalars.append(scalar)
      } else {
        escaped += Escape.json(scalar)
      }
    }
    self.init(verbatim: escaped)
  }

  /// A table: a line for each row, columns aligned and separated by two spaces, no trailing spaces.
  ///
  /// - Parameter rows: of cells without newlines.
  package static func table(_ rows: [[ConsoleText]]) -> ConsoleText {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in
      rows.map { column < $0.count ? $0[column].width : 0 }.max() ?? 0
    }
    let lines = rows.map { row in
      var line = zip(row, widths).map { cell, width in
        cell.text + String(repeating: " ", count: max(0, width - cell.width))
      }.joined(separator: "  ")
      while line.hasSuffix(" ") { line.removeLast() }
      return line + "\n"
    }
    return ConsoleText(verbatim: lines.joined())
  }

  /// Padded with spaces on the left.
  package func rightAligned(to width: Int) -> ConsoleText {
    ConsoleText(verbatim: String(repeating: " ", count: max(0, width - self.width)) + text)
  }

  /// Characters.
  package var width: Int { text.count }
  package var isEmpty: Bool { text.isEmpty }

  package var utf8: String.UTF8View { text.utf8 }

  package static func += (left: inout ConsoleText, right: ConsoleText) { left.text += right.text }

  package static func + (left: ConsoleText, right: ConsoleText) -> ConsoleText {
    ConsoleText(verbatim: left.text + right.text)
  }
}

extension ConsoleText: CustomStringConvertible {
  package var description: String { text }
}

extension ConsoleText: ExpressibleByStringInterpolation {
  /// Literals only: a `StaticString` cannot be made from text that was read.
  package init(stringLiteral value: StaticString) { self.init(verbatim: value.description) }

  package init(stringInterpolation: StringInterpolation) { self = stringInterpolation.result }

  package struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var result = ConsoleText(verbatim: "")

    package init(literalCapacity: Int, interpolationCount: Int) {
      result.text.reserveCapacity(literalCapacity + 16 * interpolationCount)
    }

    package mutating func appendLiteral(_ literal: StaticString) { result.text += literal.description }

    package mutating func appendInterpolation(_ text: ConsoleText) { result += text }

    package mutating func appendInterpolation(_ value: some Any) {
      result.text += PlainText.oneLine("\(value)")
    }
  }
}
