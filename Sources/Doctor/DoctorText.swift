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
    return WrappedText.lines(text, after: head, indent: indent, width: width)
      + finding.actions.flatMap {
        WrappedText.lines(
          $0, after: String(repeating: " ", count: indent) + "→ ", indent: indent + 2, width: width)
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
    WrappedText.lines(text, after: "", indent: 2, width: width).joined(separator: "\n")
  }

  /// Padded with spaces on the right.
  private func padded(_ text: String, to width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.unicodeScalars.count))
  }
}
