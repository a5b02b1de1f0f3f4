// SPDX-License-Identifier: Apache-2.0

import Glibc
import Heartbeat

/// What this host calls itself in its heartbeats (`name`).
package enum HostNameChoice: Equatable, Sendable {
  /// Nothing: heartbeats are plain.
  case none
  /// The host name, as it was when the configuration was read.
  case automatic(HostName)
  case fixed(HostName)

  /// The host name, as gethostname(2) has it; nil where that is no name.
  static func automatic() -> HostNameChoice? {
    // HOST_NAME_MAX of Linux, and the end.
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 65) { buffer in
      guard let text = buffer.baseAddress, gethostname(text, buffer.count) == 0 else { return nil }
      return HostName(String(cString: text)).map { .automatic($0) }
    }
  }

  /// The name; nil for none.
  package var name: HostName? {
    switch self {
    case .none: nil
    case .automatic(let name), .fixed(let name): name
    }
  }

  /// As it is written.
  var text: String {
    switch self {
    case .none: ""
    case .automatic: "auto"
    case .fixed(let name): "\(name)"
    }
  }
}
