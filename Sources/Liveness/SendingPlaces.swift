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

/// Where our heartbeats leave from: the publisher says so before it sends from there, and the receive loop
/// looks before it takes a heartbeat for somebody else's. So no beat of ours is ever a peer's, and neither
/// waits for the other.
package final class SendingPlaces: Sendable {
  private let places = Mutex<[SendingPlace]>([])
  @usableFromInline let version = Atomic<Int>(0)

  package init() {}

  package func set(_ new: [SendingPlace]) {
    let hasChanged = places.withLock { places in
      defer { places = new }
      return places != new
    }
    if hasChanged { version.add(1, ordering: .releasing) }
  }

  /// Costs one load: asked for every datagram.
  ///
  /// - Parameter seen: the version that was read last; any negative number at first.
  @inlinable
  package func hasChanged(since seen: Int) -> Bool { version.load(ordering: .acquiring) != seen }

  package func read() -> (version: Int, places: [SendingPlace]) {
    (version.load(ordering: .acquiring), places.withLock { $0 })
  }
}
