// SPDX-License-Identifier: Apache-2.0

import Monitor
import Platform

extension EventCatalogue {
  static func entry(of event: ReceivingEvent, group: Endpoint) -> EventEntry {
    switch event {
    case .bufferClamped(let granted, let wanted):
      EventEntry(
        .receiveBufferClamped, .warning,
        "the kernel granted a receive buffer of \(granted) bytes instead of \(wanted) "
          + "(receive-buffer): raise it with `sysctl net.core.rmem_max=\(wanted)`.",
        ["MCAST_GRANTED": "\(granted)", "MCAST_WANTED": "\(wanted)"])
    case .dropped(let drops, let buffer):
      EventEntry(
        .kernelDrops, .warning,
        "the kernel dropped \(drops.count) datagrams to \(group)\(drops.sofar): the receive buffer of "
          + "\(buffer) bytes was full. Raise receive-buffer, and net.core.rmem_max with it.",
        group.fields, drops.fields("MCAST_DROPPED"))
    case .verdicts(.suspended(let share)):
      EventEntry(
        .verdictsSuspended, .warning,
        "the kernel drops \(Int(share * 100)) % of all datagrams, "
          + "so that missing heartbeats say nothing about their senders: "
          + "no peer becomes silent, and one that is not heard becomes unknown. "
          + "Raise receive-buffer, and net.core.rmem_max with it.",
        group.fields, ["MCAST_DROPPED_PERCENT": "\(Int(share * 100))"])
    case .verdicts(.resumed(let span)):
      EventEntry(
        .verdictsResumed, .notice,
        "the kernel drops little enough again: peers are judged as before, after \(DurationText.words(span))",
        group.fields, ["MCAST_SPAN_USEC": "\(span / 1000)"])
    case .ownBeats(.notHeard(let unheard), let interface):
      EventEntry(
        .ownHeartbeatNotHeard, .error,
        "our own heartbeats to \(group) do not come back on \(interface): "
          + "\(unheard) were sent and none was heard. "
          + "The fault is on this host, not with the peers: a firewall, or a lost membership. "
          + "See `mcastd doctor`.",
        group.fields, ["MCAST_INTERFACE": interface])
    case .ownBeats(.heardAgain(let span), let interface):
      EventEntry(
        .ownHeartbeatHeard, .notice,
        "our own heartbeats to \(group) come back again on \(interface), after \(DurationText.words(span))",
        group.fields, ["MCAST_INTERFACE": interface])
    case .notAuthentic(let refused, let isRefused): entry(of: refused, isRefused: isRefused, group: group)
    case .clocksOff(let hosts, let more): entry(ofClocks: hosts, more: more, group: group)
    case .clocksRight(let hosts, let more): entry(ofRightClocks: hosts, more: more, group: group)
    case .socketUnusable(let reason):
      EventEntry(
        .socketUnusable, .notice,
        "the receive socket kept over the restart cannot be reused: \(reason). A new one is opened; "
          + "datagrams queued in the old one are lost.", group.fields)
    }
  }
}

extension Explanation {
  static let receiveBufferClamped = Explanation(
    "a96ad01a3ab7449298059b72fa6f8d28",
    subject: "The receive buffer is smaller than configured",
    documentation: "man:mcastd.conf(5)",
    """
    The kernel granted a smaller receive buffer than receive-buffer= asks for,
    because net.core.rmem_max limits it. The daemon works with the smaller one; a
    burst, or what arrives during a restart, may not fit into it.

    Raise the limit by the sysctl that the message names, for which an example is in
    /usr/share/doc/mcastd/examples, and restart the service; or set a smaller
    receive-buffer= and reload.
    """)

  static let kernelDrops = Explanation(
    "bd04f5635e014f9ea31552d1eab43441",
    subject: "The kernel dropped datagrams",
    documentation: "man:mcastd(8) man:mcastd.conf(5)",
    """
    Datagrams for the group @MCAST_GROUP@, port @MCAST_PORT@, arrived at this host while the
    receive buffer was full, and the kernel dropped them. Only their number is known,
    which "mcastd status" shows as "kernel dropped".

    They came faster than this machine could read them, in a burst that is larger
    than the buffer, or while the daemon was restarted or had no processor time.
    Raise receive-buffer= together with the sysctl net.core.rmem_max, or find the
    source that floods the group: "mcastd watch" shows who sends.

    While it goes on there is another entry after 10 s, a minute, and then every hour:
    MCAST_DROPPED counts what was dropped since the entry before, MCAST_TOTAL since it
    began. It is over after ten minutes without drops.

    Peers get more time, by the share that is dropped. Above 10 % they are not judged
    at all, which another entry reports.
    """)

  static let verdictsSuspended = Explanation(
    "1bf82551e25b495784b1a8f18b4fa396",
    subject: "The kernel drops @MCAST_DROPPED_PERCENT@ % of all datagrams: peers cannot be judged",
    documentation: "man:mcastd(8) man:mcastd.conf(5)",
    """
    Of the datagrams for the group @MCAST_GROUP@, port @MCAST_PORT@, the kernel drops more than
    10 %, because the receive buffer is full. Heartbeats are among them, so a missing
    one does not mean that its sender failed. For now no peer becomes silent, and those
    that are not heard become unknown.

    Raise receive-buffer= together with the sysctl net.core.rmem_max, or find the
    source that floods the group: "mcastd watch" shows the senders. After five seconds
    with less than 10 % peers are judged again.
    """)

  static let verdictsResumed = Explanation(
    "06a300a4b9704973ac2e03713c8d938b",
    subject: "Peers are judged again",
    """
    For five seconds the kernel dropped less than 10 % of the datagrams for the group
    @MCAST_GROUP@, port @MCAST_PORT@. Peers were not judged for @MCAST_SPAN_USEC@ µs.

    Nothing needs to be done. Each peer has its full time again before it becomes
    silent.
    """)

  static let ownHeartbeatNotHeard = Explanation(
    "1e0c7eefc75b40cb8b2ba94a319aa4d9",
    subject: "Our own heartbeats do not come back to us",
    """
    The heartbeats that this host sends to the group @MCAST_GROUP@, port @MCAST_PORT@, should be
    looped back by its own kernel and are not heard. The fault is on this host.
    If no peer is heard either, peers are not judged and become unknown; if a peer is
    heard, they are judged as before.

    A firewall rule, rp_filter, a membership that was lost or a full receive buffer
    can be the cause. "mcastd doctor" checks each of them, with a loopback test on
    every interface.
    """)

  static let ownHeartbeatHeard = Explanation(
    "673ebca2a53e44b2a433d72a1d44b24e",
    subject: "Our own heartbeats come back to us again",
    """
    The local fault that kept this host from hearing its own heartbeats in the
    group @MCAST_GROUP@, port @MCAST_PORT@, is over.

    Nothing needs to be done. Peers that became unknown meanwhile have their full time
    again before they become silent.
    """)

  static let socketUnusable = Explanation(
    "903d18c516ce4202a4c6b930972fe5c3",
    subject: "The receive socket kept over a restart could not be used",
    """
    The service manager kept the socket of the previous process, and this one cannot
    go on with it, for the reason in the message. It opened a new one. What had
    arrived in the old one since the previous process stopped was not read; peers are
    not accused of that.

    After an upgrade that changes how sockets are opened this happens once, and nothing
    needs to be done.
    """)
}
