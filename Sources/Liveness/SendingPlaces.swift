// SPDX-License-Identifier: Apache-2.0

import Platform
import Synchronization

/// Where our heartbeats leave from on one interface.
package struct SendingPlace: Equatable, Sendable {
  /// The interface's name.
  package var interface: String
  /// The address is 0.0.0.0 or :: where the kernel chooses one each time.
  package var source: Endpoint

  package init(interface: String, source: Endpoint) {
    self.interface = interface
    self.source = source
  }
}

/// Where our heartbeats leave from: the publisher says so before it sends from there, and the receive loop looks
/// before it takes a heartbeat for somebody else's. So no beat of ours is ever a peer's, and neither waits for the
/// other.
package final class SendingPlaces: Sendable {
  private let places = Mutex<[SendingPlace]>([])
  private let version = Atomic<Int>(0)

  package init() {}

  package func set(_ new: [SendingPlace]) {
    let hasChanged = places.withLock { places in
      defer { places = new }
      return places != new
    }
    if hasChanged { version.add(1, ordering: .releasing) }
  }

  /// - Parameter seen: the version that was returned last; any negative number at first.
  /// - Returns: nil where nothing changed since, which costs one load.
  @inline(__always)
  package func changed(since seen: Int) -> (version: Int, places: [SendingPlace])? {
    let now = version.load(ordering: .acquiring)
    return now == seen ? nil : (now, places.withLock { $0 })
  }
}
