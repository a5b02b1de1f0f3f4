// SPDX-License-Identifier: Apache-2.0

import Monitor
import Platform

extension EventCatalogue {
  static func entry(of event: SendingEvent, group: Endpoint, interface: String) -> EventEntry {
    let fields = group.fields.merging(["MCAST_INTERFACE": interface]) { $1 }
    switch event {
    case .failing(let errno):
      return EventEntry(
        .sendFailing, .warning,
        "cannot send to \(group) on \(interface): \(errnoText(errno)). \(ErrnoAdvice.send(errno)) "
          + "It is tried again with every beat.", fields, ["ERRNO": "\(errno)"])
    case .recovered(let failures):
      return EventEntry(
        .sendRecovered, .notice,
        "sending to \(group) on \(interface) again, after \(failures) "
          + "\(failures == 1 ? "beat" : "beats") that could not be sent",
        fields, ["MCAST_FAILED": "\(failures)"])
    }
  }
}

extension Explanation {
  static let sendFailing = Explanation(
    "00c1e3987fca4e7faf1867ac975e26ce",
    subject: "Heartbeats cannot be sent",
    """
    The system refused to send heartbeats to the group @MCAST_GROUP@, port @MCAST_PORT@.
    The other members of the group will report this host as silent. The message has
    the error and advice.

    "Network is unreachable" or "No such device": there is no interface or no route
    for the group. "Operation not permitted": a firewall or IPAddressDeny= in the
    unit. "No buffer space available": the interface's queue is full.

    The daemon attempts every further heartbeat at its time, and logs one entry when
    they are sent again. "mcastd doctor" names most causes.
    """)

  static let sendRecovered = Explanation(
    "ed623c098c954f1dbd3bbf63139627f4",
    subject: "Heartbeats are sent again",
    """
    The system accepts heartbeats to the group @MCAST_GROUP@, port @MCAST_PORT@, again.

    Nothing needs to be done. The heartbeats that failed are not sent later; "mcastd
    status" counts them as "send failed".
    """)
}
