// SPDX-License-Identifier: Apache-2.0

import Platform
import Settings

/// The configuration that the doctor tests.
package struct DoctorPlan: Equatable, Sendable {
  /// A group and its interfaces.
  package struct Use: Equatable, Sendable {
    package var group: Endpoint
    package var interfaces: InterfaceChoice
    package var sends: Bool
    package var receives: Bool

    package init(group: Endpoint, interfaces: InterfaceChoice, sends: Bool, receives: Bool) {
      self.group = group
      self.interfaces = interfaces
      self.sends = sends
      self.receives = receives
    }
  }

  package var uses: [Use]
  /// The accepted sources; empty for any.
  package var sources: [IPAddress] = []
  package var ttl: UInt8 = 1
  /// Bytes, as asked for by SO_RCVBUF.
  package var receiveBuffer = 4 << 20
  /// How long to listen to the group.
  package var listening: Duration = .seconds(3)
  /// How long to wait at most for a general query; the wait ends with the first. Queriers send one every
  /// 125 s (RFC 3376 section 8.2, RFC 3810 section 9.2), which is longer than the default wait.
  package var queryWait: Duration = .seconds(10)
  /// The query interval; a shorter silence proves nothing.
  package var queryInterval: Duration = .seconds(125)

  package init(uses: [Use]) { self.uses = uses }

  package init(_ settings: Settings) {
    let publish = settings.publish
    let subscribe = settings.subscribe
    uses = []
    if subscribe.enabled {
      uses.append(
        Use(group: subscribe.endpoint, interfaces: subscribe.interfaces, sends: false, receives: true))
    }
    if publish.enabled {
      let isSame =
        subscribe.enabled && publish.endpoint == subscribe.endpoint
        && publish.interfaces == subscribe.interfaces
      if isSame {
        uses[0].sends = true
      } else {
        uses.append(
          Use(group: publish.endpoint, interfaces: publish.interfaces, sends: true, receives: false))
      }
    }
    sources = settings.sources
    ttl = settings.ttl
    receiveBuffer = settings.receiveBuffer
  }
}
