// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Platform

struct DurationTextTests {
  @Test(
    "durations in nanoseconds are clamped, and those that were asked for are in seconds",
    arguments: [
      (.seconds(3), 3_000_000_000, "3 s"), (.milliseconds(500), 500_000_000, "0.5 s"),
      (.seconds(125), 125_000_000_000, "125 s"), (.seconds(Int64.max), .max, "9223372036.8 s"),
      (.seconds(Int64.min / 2), .min, nil), (.milliseconds(-1500), -1_500_000_000, nil),
    ] as [(Duration, Int64, String?)])
  func durations(duration: Duration, nanoseconds: Int64, text: String?) {
    #expect(duration.nanoseconds == nanoseconds)
    if let text { #expect(DurationText.seconds(duration) == text) }
  }
}
