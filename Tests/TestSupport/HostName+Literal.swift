// SPDX-License-Identifier: Apache-2.0

import Heartbeat

/// In tests a text that is no name ends the run.
extension HostName: ExpressibleByStringLiteral {
  package init(stringLiteral text: String) {
    guard let name = HostName(text) else { fatalError("\(text) is no name") }
    self = name
  }
}

extension HostName: ExpressibleByStringInterpolation {}
