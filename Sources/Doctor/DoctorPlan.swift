// SPDX-License-Identifier: Apache-2.0

import Platform
import Settings

/// The configuration that the doctor tests.
struct DoctorPlan: Equatable, Sendable {
  /// A group and its interfaces.
  struct Use: Equatable, Sendable {
    var group: Endpoint
    var interfaces: InterfaceChoice
    var sends: Bool
    var receives: Bool
  }

  var uses: [Use]
  /// The accepted sources; empty for any.
  var sources: [IPAddress] = []
  var ttl: UInt8 = 1
  /// Bytes, as asked for by SO_RCVBUF.
  var receiveBuffer = 4 << 20
  /// How long to listen to the group.
  var listening: Duration = .seconds(3)
  /// How long to wait at most for a general query; the wait ends with the first. Queriers send one every
  /// 125 s (RFC 3376 section 8.2, RFC 3810 section 9.2), which is longer than the default wait.
  var queryWait: Duration = .seconds(10)
  /// The query interval; a shorter silence proves nothing.
  var queryInterval: Duration = .seconds(125)

  init(uses: [Use]) { self.uses = uses }

  init(_ settings: Settings) {
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
