// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Platform

/// All findings, in the order of the checks.
struct DoctorReport: Equatable, Sendable {
  var findings: [DoctorFinding]

  /// 0 for `ok` and `unknown` only, 1 for warnings, 2 for problems.
  var exitStatus: Int32 {
    if findings.contains(where: { $0.status == .problem }) { return 2 }
    return findings.contains { $0.status == .warning } ? 1 : 0
  }

  /// A JSON array of objects with check, status, interface, found, meaning and action; the last two and the
  /// interface where there is one. Several actions are one text, with semicolons between.
  var json: ConsoleText {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    // Strings only: encoding them cannot fail.
    guard let data = try? encoder.encode(findings) else { return "[]" }
    return ConsoleText(json: String(decoding: data, as: UTF8.self))
  }
}
