// SPDX-License-Identifier: Apache-2.0

/// One result of a check.
struct DoctorFinding: Equatable, Sendable {
  enum Status: String, Sendable, Encodable {
    /// Works.
    case ok
    /// Works now, or for this program only, and may fail later or for others.
    case warning
    /// Keeps multicast from working.
    case problem
    /// Could not be examined, or is undecidable.
    case unknown
  }

  var status: Status
  /// The name of the check.
  var check: String
  /// The interface concerned, if any.
  var interface: String?
  /// The observation. Contains text from outside; escaped where it is shown.
  var found: String
  var meaning: String?
  /// Remedies, with the command where there is one: alternatives, or steps.
  var actions: [String] = []
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

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(status, forKey: .status)
    try container.encode(check, forKey: .check)
    try container.encodeIfPresent(interface, forKey: .interface)
    try container.encode(found, forKey: .found)
    try container.encodeIfPresent(meaning, forKey: .meaning)
    if !actions.isEmpty { try container.encode(actions.joined(separator: "; "), forKey: .action) }
  }
}
