// SPDX-License-Identifier: Apache-2.0

import Glibc
import Platform

/// Findings as lines for people, wrapped to the terminal and escaped.
struct DoctorText: Sendable {
  /// Columns of the terminal; nil for anything else, where lines are not wrapped.
  var width: Int?

  init(width: Int?) { self.width = width }

  /// The width of the terminal that a descriptor is, if it is one.
  init(descriptor: Int32) {
    width = isatty(descriptor) == 1 ? TerminalSize(of: descriptor).columns : nil
  }

  /// `problem interface eth0: is down — nothing is sent or heard on it`, and below it, a line for each, `→ ip
  /// link set eth0 up`.
  func lines(_ finding: DoctorFinding) -> [String] {
    let head =
      padded(finding.status.rawValue, to: 7) + "  " + padded(finding.check, to: DoctorCheck.longestName)
      + "  "
    var text = finding.interface.map { "\($0): \(finding.found)" } ?? finding.found
    if let meaning = finding.meaning { text += " — \(meaning)" }
    // On a narrow terminal the text is indented by 2 columns only, or too few would be left for it.
    let indent = width.map { $0 < 2 * head.count ? 2 : head.count } ?? head.count
    return wrapped(text, after: head, indent: indent)
      + finding.actions.flatMap {
        wrapped($0, after: String(repeating: " ", count: indent) + "→ ", indent: indent + 2)
      }
  }

  /// Findings by severity: `3 problems, 1 warning`, or `sound`.
  func summary(_ report: DoctorReport) -> String {
    func count(_ status: DoctorFinding.Status) -> Int { report.findings.count { $0.status == status } }
    func counted(_ number: Int, _ noun: String) -> String? {
      number == 0 ? nil : number == 1 ? "1 \(noun)" : "\(number) \(noun)s"
    }
    let faults = [counted(count(.problem), "problem"), counted(count(.warning), "warning")].compactMap { $0 }
    let unknown = count(.unknown) == 0 ? [] : ["\(count(.unknown)) not known"]
    return ((faults.isEmpty ? ["sound"] : faults) + unknown).joined(separator: ", ")
  }

  /// A line of progress.
  func line(_ text: String) -> String {
    wrapped(text, after: "", indent: 2).joined(separator: "\n")
  }

  /// Escaped, and wrapped between words. A word longer than the line is not broken.
  ///
  /// - Parameters:
  ///   - start: printed before the text.
  ///   - indent: blanks before the lines that follow the first.
  private func wrapped(_ text: String, after start: String, indent: Int) -> [String] {
    let text = PlainText.oneLine(text)
    guard let width else { return [start + text] }
    var lines: [String] = []
    var current = start
    var isEmpty = start.allSatisfy { $0 == " " || $0 == "→" }
    var separator = ""
    for word in text.split(separator: " ") {
      if !isEmpty, length(current) + length(separator) + length(word) > width {
        lines.append(current.trimmingBlanks)
        current = String(repeating: " ", count: indent)
        separator = ""
      }
      current += separator + word
      separator = " "
      isEmpty = false
    }
    return lines + [current]
  }

  /// Columns, assuming one for every character.
  private func length(_ text: some StringProtocol) -> Int { text.unicodeScalars.count }

  /// Padded with spaces on the right.
  private func padded(_ text: String, to width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.unicodeScalars.count))
  }
}

extension String {
  /// Without trailing spaces.
  fileprivate var trimmingBlanks: String {
    String(dropLast(reversed().prefix { $0 == " " }.count))
  }
}
