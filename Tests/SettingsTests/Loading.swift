// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Settings

/// Loads without looking at the machine's own configuration.
func load(
  _ arguments: [Key: String] = [:],
  environment: [String: String] = [:],
  file: String = ""
) throws -> Settings {
  let directory = try TemporaryDirectory()
  let path = try directory.write("mcastd.conf", file)
  return try Settings.load(
    SettingsSources(arguments: arguments, environment: environment, standardFile: path))
}

/// The error of a load, with the path of its file shortened to `FILE`.
func refusal(
  _ arguments: [Key: String] = [:],
  environment: [String: String] = [:],
  file: String = ""
) throws -> String {
  let directory = try TemporaryDirectory()
  let path = try directory.write("mcastd.conf", file)
  let error = #expect(throws: SettingsError.self) {
    try Settings.load(SettingsSources(arguments: arguments, environment: environment, standardFile: path))
  }
  return error.map { "\($0)" }?.replacing(path, with: "FILE") ?? "accepted"
}

/// The line of the file that sets a key, under its section.
func line(_ key: Key, _ value: String) -> String {
  let parts = key.name.split(separator: ".")
  return parts.count == 1 ? "\(parts[0])=\(value)\n" : "[\(parts[0])]\n\(parts[1])=\(value)\n"
}

extension Settings {
  func value(_ key: Key) -> String? { effective.first { $0.key == key }?.value }
  func origin(_ key: Key) -> Origin? { effective.first { $0.key == key }?.origin }
}
