// SPDX-License-Identifier: Apache-2.0

extension ControlInterface {
  /// The parameters of `ListReadings`.
  package struct ListReadingsParameters: Codable, Sendable {
    /// Names of hosts; nil or empty for all.
    package var hosts: [String]?

    package static let names: Set<String> = ["hosts"]

    package init(hosts: [String]?) { self.hosts = hosts }
  }

  /// A reading that is to be said.
  package struct NewReading: Codable, Sendable {
    package var key: String
    package var value: String

    package init(key: String, value: String) {
      self.key = key
      self.value = value
    }
  }

  /// The parameters of `SetReadings`.
  package struct SetReadingsParameters: Codable, Sendable {
    package var readings: [NewReading]
    /// How long they hold, in microseconds; nil until they are unset.
    package var forUsec: Int64?
    /// Whether they are for practice; nil is no.
    package var test: Bool?

    package static let names: Set<String> = ["readings", "forUsec", "test"]

    package init(readings: [NewReading], forUsec: Int64?, test: Bool?) {
      self.readings = readings
      self.forUsec = forUsec
      self.test = test
    }
  }

  /// The parameters of `UnsetReadings`.
  package struct UnsetReadingsParameters: Codable, Sendable {
    package var keys: [String]
    /// Whether drills are meant; nil is no.
    package var test: Bool?

    package static let names: Set<String> = ["keys", "test"]

    package init(keys: [String], test: Bool?) {
      self.keys = keys
      self.test = test
    }
  }
}

/// The reply to `SetReadings` and `UnsetReadings`.
package struct SetReadingsReply: Codable, Sendable, Equatable {
  /// What was found and is not an error, in words.
  package var warnings: [String]

  package init(warnings: [String]) { self.warnings = warnings }
}
