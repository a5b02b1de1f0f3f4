// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// Everything that was found, in the order of the checks.
package struct DoctorReport: Equatable, Sendable {
  package var findings: [DoctorFinding]

  /// One for each finding, for people.
  package var lines: [String] { findings.map(\.line) }

  /// 0 where all is well or could not be looked at, 1 where something was found.
  package var exitStatus: Int32 { findings.contains(where: \.isFault) ? 1 : 0 }

  /// A JSON array of objects with check, status, interface, found, meaning and action; the last three and the
  /// interface where there is one.
  package var json: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    // Strings and nothing else: it cannot fail, and an empty list would be the truth about an empty report.
    guard let data = try? encoder.encode(findings) else { return "[]" }
    return String(decoding: data, as: UTF8.self)
  }
}
