// SPDX-License-Identifier: Apache-2.0

/// A count of what a stranger does: it stays at its highest value instead of trapping or beginning anew.
struct Tally: Equatable, Sendable {
  package private(set) var value: UInt32 = 0

  mutating func add(_ more: UInt32) {
    let (sum, isOverflow) = value.addingReportingOverflow(more)
    value = isOverflow ? .max : sum
  }

  /// One that was counted was none.
  mutating func takeBack() {
    if value > 0, value < .max { value -= 1 }
  }
}

extension Tally: Codable {
  init(from decoder: any Decoder) throws {
    value = try decoder.singleValueContainer().decode(UInt32.self)
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(value)
  }
}
