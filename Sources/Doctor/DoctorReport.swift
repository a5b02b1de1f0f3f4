// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Platform

/// Everything that was found, in the order of the checks.
package struct DoctorReport: Equatable, Sendable {
  package var findings: [DoctorFinding]

  /// 0 where all is well or could not be looked at, 1 for warnings only, 2 for problems.
  package var exitStatus: Int32 {
    if findings.contains(where: { $0.status == .problem }) { return 2 }
    return findings.contains { $0.status == .warning } ? 1 : 0
  }

  /// A JSON array of objects with check, status, interface, found, meaning and action; the last two and the
  /// interface where there is one. Several actions are one text, with semicolons between.
  package var json: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    // Strings and nothing else: it cannot fail, and an empty list would be the truth about an empty report.
    guard let data = try? encoder.encode(findings) else { return "[]" }
    // JSON lets C1 controls and bidirectional overrides through (RFC 8259 section 7), a terminal obeys them. They are
    // in strings only, and so may be escaped as \uNNNN; the line breaks are the layout's.
    return String(decoding: data, as: UTF8.self).unicodeScalars.reduce(into: "") { text, scalar in
      if scalar == "\n" || PlainText.isPlain(scalar) {
        text.unicodeScalars.append(scalar)
      } else {
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
      }
    }
  }
}
