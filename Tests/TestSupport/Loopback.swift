// SPDX-License-Identifier: Apache-2.0

import Multicast

extension NetworkInterface {
  /// lo, the only interface that tests send on.
  package static func loopback() throws -> NetworkInterface {
    guard let lo = try NetworkInterface.all().first(where: { $0.isLoopback && $0.isUp }) else {
      throw TestFailure("there is no loopback interface that is up")
    }
    return lo
  }
}
