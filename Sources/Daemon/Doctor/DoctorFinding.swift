// SPDX-License-Identifier: Apache-2.0

import Systemd

/// What one check found about one thing.
package struct DoctorFinding: Equatable, Sendable {
  package enum Status: String, Sendable, Encodable {
    /// As it should be.
    case ok
    /// Works now, or for this program, and may not tomorrow, or for others.
    case warning
    /// Keeps multicast from working.
    case problem
    /// Could not be looked at: neither good nor bad.
    case unknown
  }

  package var status: Status
  /// The name of the check.
  package var check: String
  /// The interface it is about, where it is about one.
  package var interface: String?
  /// What was seen. Text from outside is in it: it is escaped where it is shown.
  package var found: String
  package var meaning: String?
  /// What to do, with the command where there is one.
  package var action: String?

  /// Whether it counts for the exit status.
  package var isFault: Bool { status == .warning || status == .problem }

  /// `problem  interface    eth0: is down — nothing is sent or heard on it; ip link set eth0 up`
  package var line: String {
    var text = interface.map { "\($0): \(found)" } ?? found
    if let meaning { text += " — \(meaning)" }
    if let action { text += "; \(action)" }
    return PlainText.oneLine(
      status.rawValue.padded(to: 7) + "  " + check.padded(to: DoctorCheck.longestName) + "  " + text)
  }
}

extension DoctorFinding: Encodable {
  private enum CodingKeys: String, CodingKey {
    case status
    case check
    case interface
    case found
    case meaning
    case action
  }
}

extension String {
  /// With spaces up to a width, for columns.
  fileprivate func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - unicodeScalars.count))
  }
}
