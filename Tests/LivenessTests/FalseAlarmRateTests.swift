// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Liveness

struct FalseAlarmRateTests {
  @Test(
    "a rate is a decimal for an hour, a day or a year, and is given back without zeros that say nothing",
    arguments: [
      ("1/y", 1, "1/y"), ("0.001/y", 0.001, "0.001/y"), ("2/d", 730.5, "2/d"), ("100/h", 876_600, "100/h"),
      ("0.50/d", 182.625, "0.5/d"), ("007/y", 7, "7/y"), ("12.25/h", 107_383.5, "12.25/h"),
    ] as [(String, Double, String)])
  func rates(text: String, perYear: Double, description: String) throws {
    let rate = try #require(FalseAlarmRate(text))
    #expect(abs(rate.perYear - perYear) < 1e-9 * perYear && "\(rate)" == description)
    #expect(FalseAlarmRate(description) == rate)
  }

  @Test(
    "anything else is none",
    arguments: [
      "", "1", "/y", "1/", "y", "1/w", "1/Y", "1/yy", "1 /y", "1/ y", "-1/y", "+1/y", "1e3/y", ".5/y", "1./y",
      "1.2345/y", "0/y", "0.000/y", "100.001/h", "101/h", "2401/d", "876601/y", "1/y/y", "1,5/y", "١/y",
      "99999999999999999999/y", "0x1/y", "nan/y", "inf/y", "1/y\0",
    ])
  func none(text: String) { #expect(FalseAlarmRate(text) == nil) }

  @Test("once a year is the standard")
  func standard() { #expect(FalseAlarmRate("1/y") == .standard) }
}
