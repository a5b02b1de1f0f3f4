// SPDX-License-Identifier: Apache-2.0

import Platform

/// What mqtt.conf says.
package struct BridgeConfiguration: Equatable, Sendable {
  /// The file that is read unless another is named.
  package static let standardPath = "/etc/mcastd/mqtt.conf"

  package internal(set) var host = ""
  /// Nil for the protocol's own.
  package internal(set) var chosenPort: UInt16?
  package internal(set) var isEncrypted = false
  /// A file or a directory of certificates.
  package internal(set) var authorities = ""
  /// Empty for none.
  package internal(set) var user = ""
  package internal(set) var site = ""
  package internal(set) var expiry = Duration.zero
  /// Whether hosts announce themselves to Home Assistant, and below which topic.
  package internal(set) var announces = false
  package internal(set) var discoveryPrefix = ""
  /// The lines of [import].
  package internal(set) var imports: [ImportLine] = []

  /// The defaults.
  package init() {
    for setting in BridgeSetting.allCases {
      precondition(setting.set(setting.row.standard, in: &self), "the default of \(setting)")
    }
  }

  package var port: UInt16 { chosenPort ?? (isEncrypted ? 8883 : 1883) }

  /// `HOST:PORT`, for people.
  package var broker: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

  /// How long the broker keeps a value that is not renewed, in seconds.
  var expirySeconds: UInt32 { UInt32(clamping: expiry.nanoseconds / 1_000_000_000) }
}

/// What is wrong with mqtt.conf or a credential, on one line: where, which setting, and what is accepted.
package struct BridgeFault: Error, Equatable, Sendable, CustomStringConvertible {
  package var path: String
  /// From 1; 0 for the file as a whole.
  package var line: Int
  package var problem: String

  package init(path: String, line: Int, problem: String) {
    (self.path, self.line, self.problem) = (path, line, problem)
  }

  package var description: String {
    Printable.line(path) + (line > 0 ? ":\(line)" : "") + ": " + problem
  }
}
