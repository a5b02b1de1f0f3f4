// SPDX-License-Identifier: Apache-2.0

/// The ranges of the values that are numbers.
enum Limits {
  static let port = 1...65_535
  static let ttl = 0...255
  static let logRate = 0...1_000_000
  static let logBurst = 0...1_000_000
  static let peersMax = 16...1_000_000
  static let peersExpected = 0...1000
  /// Bytes. Below 4 KiB a full-size datagram could not be queued; socket(7) counts in int.
  static let receiveBuffer = 4_096...1_073_741_824
  /// Bytes. One datagram of 65,535 bytes must fit.
  static let logQueue = 65_536...1_073_741_824
  /// Nanoseconds: 10 ms to an hour.
  static let interval = 10_000_000...3_600_000_000_000

  /// `1–65535`.
  static func text(_ range: ClosedRange<Int>) -> String {
    "\(range.lowerBound)–\(range.upperBound)"
  }

  /// `4KiB–1GiB, in bytes or with a unit`.
  static func bytesText(_ range: ClosedRange<Int>) -> String {
    "\(Quantity.bytesText(range.lowerBound))–\(Quantity.bytesText(range.upperBound)),"
      + " in bytes or with a unit (KiB, MiB, GiB)"
  }
}
