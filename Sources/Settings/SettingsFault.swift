// SPDX-License-Identifier: Apache-2.0

import Platform

/// One thing for which a configuration is refused.
package struct SettingsFault: Error, Equatable, Sendable {
  /// `nil` when a file as such is at fault: unreadable, or not INI.
  package var key: Key?
  /// As it was written.
  package var value: String?
  package var origin: Origin
  /// What is accepted, with the name of the key where there is one: `port must be 1–65535`.
  package var accepted: String

  package init(key: Key? = nil, value: String? = nil, origin: Origin, accepted: String) {
    self.key = key
    self.value = value
    self.origin = origin
    self.accepted = accepted
  }
}

extension SettingsFault: CustomStringConvertible {
  /// One line, whatever the value contains: `MCASTD_PORT=70000 in the environment: port must be 1–65535`.
  package var description: String {
    guard let key, let value else { return "\(origin): \(accepted)" }
    let shown = value.isEmpty ? "''" : Printable.line(value)
    let assignment =
      switch origin {
      case .commandLine(let flag): "\(flag) \(shown) on the command line"
      case .environment(let name): "\(name)=\(shown) in the environment"
      case .file, .daemon: "\(origin): \(key.name)=\(shown)"
      case .default: "\(key.name)=\(shown) by default"
      }
    return "\(assignment): \(accepted)"
  }
}
