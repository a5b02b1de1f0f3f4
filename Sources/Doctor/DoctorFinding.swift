// SPDX-License-Identifier: Apache-2.0

/// What one check found about one thing.
package struct DoctorFinding: Equatable, Sendable {
  package enum Status: String, Sendable, Encodable {
    /// As it should be.
    case ok
    /// Works now, or for this program, and may not tomorrow, or for others.
    case warning
    /// Keeps multicast from working.
    case problem
    /// Could not be looked at, or cannot be told: neither good nor bad.
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
  /// What to do, with the command where there is one: alternatives, or steps.
  package var actions: [String] = []
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

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(status, forKey: .status)
    try container.encode(check, forKey: .check)
    try container.encodeIfPresent(interface, forKey: .interface)
    try container.encode(found, forKey: .found)
    try container.encodeIfPresent(meaning, forKey: .meaning)
    if !actions.isEmpty { try container.encode(actions.joined(separator: "; "), forKey: .action) }
  }
}
