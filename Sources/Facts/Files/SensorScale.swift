// SPDX-License-Identifier: Apache-2.0

import Heartbeat

/// What the integer in a file of the kernel's counts, by the name of the file: `temp1_input` has
/// millidegrees. Only names are known whose unit the kernel's documents give
/// (Documentation/ABI/testing/sysfs-class-hwmon, -thermal, -power, and power_supply_class.rst); any other
/// file is taken as it is written.
package struct SensorScale: Hashable, Sendable {
  /// Decimal places by which the point moves to the left, 0 to 6.
  package let shift: Int
  /// Of `ReadingValue.units`.
  package let unit: String

  private init(_ shift: Int, _ unit: String) { (self.shift, self.unit) = (shift, unit) }

  /// - Parameter path: Of the file, as a symlink has it or as it really is. A name of hwmon is known in any
  ///   directory; `temp` only in that of a thermal zone or power supply, where it means two things.
  package init?(path: some StringProtocol) {
    let parts = path.split(separator: "/")
    guard let name = parts.last else { return nil }
    if let scale = Self.hwmon(String(name)) {
      self = scale
    } else if name == "temp",
      parts.dropLast().last.map({ Self.isNumbered(String($0), "thermal_zone") }) == true
    {
      self.init(3, "C")
    } else if parts.dropLast(2).last == "power_supply", let scale = Self.supply[String(name)] {
      self = scale
    } else {
      return nil
    }
  }

  // MARK: hwmon

  private static let sensors: [(name: String, scale: SensorScale, attributes: Set<String>)] = [
    (
      "temp", SensorScale(3, "C"),
      [
        "input", "min", "min_hyst", "max", "max_hyst", "lcrit", "lcrit_hyst", "crit", "crit_hyst",
        "emergency",
        "emergency_hyst", "lowest", "highest", "offset", "rated_min", "rated_max",
      ]
    ),
    ("in", SensorScale(3, "V"), levels),
    ("curr", SensorScale(3, "A"), levels),
    (
      // Not `cap_hyst`, a margin, and not `accuracy` and `average_interval`, of another unit.
      "power", SensorScale(6, "W"),
      [
        "input", "input_lowest", "input_highest", "average", "average_lowest", "average_highest",
        "average_min",
        "average_max", "max", "crit", "cap", "cap_min", "cap_max", "rated_min", "rated_max",
      ]
    ),
    ("fan", SensorScale(0, "rpm"), ["input", "min", "max", "target"]),
    ("humidity", SensorScale(3, "%"), ["input", "rated_min", "rated_max"]),
  ]

  /// Of voltages and currents.
  private static let levels: Set<String> = [
    "input", "average", "lowest", "highest", "min", "max", "lcrit", "crit", "rated_min", "rated_max",
  ]

  /// `TYPE NUMBER _ ATTRIBUTE`.
  private static func hwmon(_ name: String) -> SensorScale? {
    guard let dash = name.firstIndex(of: "_") else { return nil }
    let channel = String(name[..<dash])
    let attribute = String(name[name.index(after: dash)...])
    return sensors.first { isNumbered(channel, $0.name) && $0.attributes.contains(attribute) }?.scale
  }

  /// Whether it is this name with a number after it.
  private static func isNumbered(_ text: String, _ name: String) -> Bool {
    let number = text.utf8.dropFirst(name.utf8.count)
    return text.hasPrefix(name) && !number.isEmpty && number.allSatisfy(DecimalText.isDigit)
  }

  // MARK: Power supplies

  /// `online`, `status` and the like are as they are.
  private static let supply: [String: SensorScale] = {
    let names: [(scale: SensorScale, names: [String])] = [
      (
        SensorScale(6, "V"),
        ["now", "avg", "min", "max", "min_design", "max_design", "ocv", "boot"].map { "voltage_\($0)" }
      ),
      (SensorScale(6, "A"), ["now", "avg", "max", "boot"].map { "current_\($0)" }),
      (SensorScale(6, "W"), ["now", "avg"].map { "power_\($0)" }),
      (SensorScale(0, "%"), ["capacity", "capacity_alert_min", "capacity_alert_max"]),
      (
        SensorScale(1, "C"),
        [
          "temp", "temp_min", "temp_max", "temp_alert_min", "temp_alert_max", "temp_ambient",
          "temp_ambient_alert_min", "temp_ambient_alert_max",
        ]
      ),
      (
        SensorScale(0, "s"),
        ["time_to_empty_now", "time_to_empty_avg", "time_to_full_now", "time_to_full_avg"]
      ),
    ]
    return names.reduce(into: [:]) { table, row in for name in row.names { table[name] = row.scale } }
  }()
}

extension SensorScale {
  /// The reading that an integer is, exactly: `23456` in millidegrees is `23.456C`.
  ///
  /// - Returns: Nil where the text is no integer as the kernel prints them.
  package func value(of text: String) -> ReadingValue? {
    DecimalText.scaled(text, shift: shift).flatMap { ReadingValue($0 + unit) }
  }
}

/// Arithmetic on the digits of a number: as a binary fraction it would not stay what it is.
private enum DecimalText {
  /// Digits of the longest integer that a kernel prints, 2^64 - 1.
  private static let mostDigits = 20

  static func isDigit(_ byte: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }

  /// An integer with the point moved to the left, without zeros that say nothing.
  ///
  /// - Returns: Nil for what is none: `-` and at least one digit, and nothing else.
  static func scaled(_ text: String, shift: Int) -> String? {
    let isNegative = text.utf8.first == UInt8(ascii: "-")
    let digits = Array(text.utf8.dropFirst(isNegative ? 1 : 0))
    guard (1...mostDigits).contains(digits.count), digits.allSatisfy(isDigit) else { return nil }
    let zero = UInt8(ascii: "0")
    let padded = [UInt8](repeating: zero, count: max(0, shift + 1 - digits.count)) + digits
    let whole = padded.dropLast(shift).drop { $0 == zero }
    var fraction = padded.suffix(shift)
    while fraction.last == zero { fraction.removeLast() }
    let number =
      (whole.isEmpty ? "0" : String(decoding: whole, as: UTF8.self))
      + (fraction.isEmpty ? "" : "." + String(decoding: fraction, as: UTF8.self))
    return isNegative && number != "0" ? "-" + number : number
  }
}
