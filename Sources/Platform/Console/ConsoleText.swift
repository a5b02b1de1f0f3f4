// SPDX-License-Identifier: Apache-2.0

/// Text that a terminal shows and does not obey. `Console` takes nothing else, so that no caller can forget
/// to escape.
///
/// What is written in the source code is layout and stays as it is; what is interpolated comes from
/// elsewhere, and is escaped as one line (`PlainText.oneLine`): an interface can be called `e\u{1b}[31mx`.
/// Text that was put together before is interpolated as it is.
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

  /// A JSON text: newlines are layout, and what a terminal could obey, which is always within a string,
  /// becomes `\uXXXX`.
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

  /// A table: a line a row, its cells under one another with two spaces between, and no spaces at its end.
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

  /// With spaces before it up to a width.
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
  /// Only what is written in the source code: `StaticString` cannot be made of a string that was read.
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
