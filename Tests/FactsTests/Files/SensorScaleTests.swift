// SPDX-License-Identifier: Apache-2.0

import Facts
import Heartbeat
import TestSupport
import Testing

@Suite("Scales of sensors")
struct SensorScaleTests {
  @Test(
    "a file of the kernel's is scaled by its name",
    arguments: [
      ("/sys/class/hwmon/hwmon0/temp1_input", "23456", "23.456C"),
      ("/sys/devices/platform/coretemp.0/hwmon/hwmon2/temp12_max", "100000", "100C"),
      ("/run/copy/temp1_crit_hyst", "-500", "-0.5C"),
      ("temp2_lcrit", "-40000", "-40C"),
      ("../x/in0_input", "12050", "12.05V"), ("in1_min", "0", "0V"), ("in10_average", "1", "0.001V"),
      ("curr1_input", "1500", "1.5A"), ("curr2_crit", "20000", "20A"),
      ("power1_input", "123456789", "123.456789W"), ("power1_average", "65000000", "65W"),
      ("power2_cap_max", "5", "0.000005W"),
      ("fan1_input", "1200", "1200rpm"), ("fan3_target", "0", "0rpm"),
      ("humidity1_input", "45300", "45.3%"),
      ("/sys/class/thermal/thermal_zone0/temp", "48000", "48C"),
      ("thermal_zone12/temp", "48050", "48.05C"),
      ("/sys/class/power_supply/BAT0/voltage_now", "12345678", "12.345678V"),
      ("/sys/devices/x/power_supply/BAT0/current_now", "-1500000", "-1.5A"),
      ("/sys/class/power_supply/BAT0/power_now", "10000000", "10W"),
      ("/sys/class/power_supply/BAT0/capacity", "97", "97%"),
      ("/sys/class/power_supply/BAT0/temp", "305", "30.5C"),
      ("/sys/class/power_supply/BAT0/time_to_empty_now", "3600", "3600s"),
      ("/sys/class/power_supply/BAT0/hwmon1/in0_input", "12345", "12.345V"),
    ])
  func scaled(path: String, text: String, value: String) throws {
    let scale = try #require(SensorScale(path: path))
    #expect(scale.value(of: text)?.text == value)
    #expect(ReadingValue.units.contains(scale.unit))
    #expect(scale.value(of: text)?.kind == .number(unit: scale.unit[...]))
  }

  @Test(
    "any other file is taken as it is written",
    arguments: [
      "", "/", "temp", "temp1", "temp_input", "tempx_input", "temp1_", "temp1_inputs", "xtemp1_input",
      "temp1_label", "temp1_enable", "temp1_type", "temp1_alarm", "temp1_fault", "temp1_crit_alarm",
      "temp1_auto_point1_temp", "temp1_input.txt", "temp1_input/x", "temp١_input",
      "in0_label", "in_reset_history", "fan1_pulses", "fan1_div", "fan1_fault", "pwm1", "pwm1_freq",
      "power1_cap_hyst", "power1_accuracy", "power1_average_interval", "energy1_input", "intrusion0_alarm",
      "capacity", "/run/capacity", "/run/temp", "/sys/class/thermal/thermal_zone/temp",
      "/sys/class/thermal/thermal_zone0/hwmon0/temp", "/sys/class/thermal/cooling_device0/cur_state",
      "/sys/class/thermal/thermal_zone0/mode", "/sys/class/thermal/thermal_zone0/trip_point_0_hyst",
      "/sys/class/power_supply/BAT0/online", "/sys/class/power_supply/BAT0/status",
      "/sys/class/power_supply/BAT0/capacity_level", "/sys/class/power_supply/BAT0/charge_now",
      "/sys/class/power_supply/BAT0/energy_now", "/sys/class/power_supply/BAT0/power/control",
      "/sys/class/power_supply/voltage_now", "/run/ups/status",
    ])
  func unknown(path: String) {
    #expect(SensorScale(path: path) == nil)
  }

  @Test(
    "what is no integer of the kernel's is no value",
    arguments: [
      "", "-", "+1", "--1", "1.5", "1e3", "0x10", " 1", "1 ", "abc", "12a", "1,5", "123456789012345678901",
    ])
  func noIntegers(text: String) throws {
    #expect(try #require(SensorScale(path: "temp1_input")).value(of: text) == nil)
  }

  @Test(
    "zeros that say nothing are left out",
    arguments: [
      ("0", "0C"), ("-0", "0C"), ("0000", "0C"), ("007", "0.007C"), ("-0023000", "-23C"), ("100", "0.1C"),
      ("1000000", "1000C"), ("18446744073709551615", "18446744073709551.615C"),
      ("-9223372036854775808", "-9223372036854775.808C"),
    ])
  func zeros(text: String, value: String) throws {
    #expect(try #require(SensorScale(path: "temp1_input")).value(of: text)?.text == value)
  }

  @Test("an integer is scaled exactly")
  func exact() throws {
    let scales = try ["fan1_input", "power_supply/B/temp", "temp1_input", "power1_input"].map {
      try #require(SensorScale(path: $0))
    }
    var random = SeededRandom(testSeed: 31)
    for _ in 0..<2000 {
      let number = Int64(truncatingIfNeeded: random.next()) >> Int64(random.below(64))
      for scale in scales {
        let value = try #require(scale.value(of: String(number)))
        // Its digits around the point, filled up again, are the integer.
        let text = value.text.dropLast(scale.unit.count)
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        #expect(parts.count <= 2 && parts.last?.hasSuffix("0") != true || parts.count == 1, "\(text)")
        let fraction = parts.count == 2 ? String(parts[1]) : ""
        let filled = fraction + String(repeating: "0", count: scale.shift - fraction.count)
        #expect(Int64(parts[0] + filled) == number, "\(text)")
      }
    }
  }
}
