// SPDX-License-Identifier: Apache-2.0

import Platform

/// How the text of a setting becomes a value, and the value its normal text.
struct ValueFormat<Value: Sendable>: Sendable {
  /// `nil` for text that is not accepted. Gets text without white space around it.
  let parse: @Sendable (String) -> Value?
  /// Gives text that `parse` takes to the same value.
  let text: @Sendable (Value) -> String
}

extension ValueFormat where Value: FixedWidthInteger {
  static func integer(_ range: ClosedRange<Int>) -> Self {
    Self(
      parse: { Quantity.whole($0).flatMap { range.contains($0) ? Value(exactly: $0) : nil } },
      text: { "\($0)" })
  }
}

extension ValueFormat where Value == Int {
  static func bytes(_ range: ClosedRange<Int>) -> Self {
    Self(
      parse: { Quantity.bytes($0).flatMap { range.contains($0) ? $0 : nil } },
      text: { Quantity.bytesText($0) })
  }
}

extension ValueFormat where Value == Bool {
  /// The words of systemd's parse_boolean.
  static var yesNo: Self {
    Self(
      parse: {
        switch $0.lowercased() {
        case "yes", "y", "true", "t", "on", "1": true
        case "no", "n", "false", "f", "off", "0": false
        default: nil
        }
      },
      text: { $0 ? "yes" : "no" })
  }
}

extension ValueFormat where Value == Settings.Heartbeats {
  /// `own`, or yes and no in all their spellings.
  static var heartbeats: Self {
    Self(
      parse: { text in
        Settings.Heartbeats(rawValue: text.lowercased())
          ?? ValueFormat<Bool>.yesNo.parse(text).map { $0 ? .yes : .no }
      },
      text: { $0.rawValue })
  }
}

extension ValueFormat where Value == Duration {
  static func interval(_ range: ClosedRange<Int>) -> Self {
    Self(
      parse: { text in
        Quantity.nanoseconds(text).flatMap { range.contains($0) ? .nanoseconds($0) : nil }
      },
      text: { Quantity.timeText(Int($0.nanoseconds)) })
  }
}

extension ValueFormat where Value: RawRepresentable, Value.RawValue == String {
  /// One of the raw values, in upper or lower case.
  static var choice: Self {
    Self(parse: { Value(rawValue: $0.lowercased()) }, text: { $0.rawValue })
  }
}
