// SPDX-License-Identifier: Apache-2.0

import Monitor
import Platform

extension EventCatalogue {
  static func entry(of event: InterfaceEvent, group: Endpoint) -> EventEntry {
    let fields = group.fields.merging(["MCAST_INTERFACE": event.interface]) { $1 }
    func joined(_ text: String) -> EventEntry { EventEntry(.interfaceJoined, .notice, text, fields) }
    func lost(_ text: String) -> EventEntry { EventEntry(.interfaceLost, .warning, text, fields) }
    func verb(_ isSending: Bool) -> String { "\(isSending ? "sending to" : "joined") \(group)" }
    switch event {
    case .began(let name, let address, let isSending):
      return joined("\(verb(isSending)) on \(address.map { "\(name) (\($0))" } ?? name)")
    case .renamed(let name, let former, let isSending):
      return joined("\(verb(isSending)) on \(name), which was called \(former)")
    case .carrierBack(let name): return joined("\(name) has a carrier again")
    case .sourceChanged(let name, let former, let source):
      return joined(
        "sending to \(group) on \(name) from \(source): \(former) is gone. Peers take this for another host.")
    case .ended(_, let reason, let waitingFor, let isSending):
      let next =
        waitingFor.isEmpty
        ? "" : " Waiting for \(waitingFor.joined(separator: ", ")); nothing needs to be restarted."
      let what = isSending ? "nothing is sent to" : "not listening to"
      return lost("\(reason): \(what) \(group) on it any more.\(next)")
    case .carrierLost(let name):
      return lost(
        "\(name) has no carrier: nothing is received on it, and its peers are unknown. "
          + "Check the cable, the switch port or the other end.")
    case .rejoinRefused(let name, let reason):
      return lost("cannot join \(group) on \(name) again: \(reason). It is tried again.")
    case .refused(let name, let reason, let errno):
      var entry = lost("cannot use \(name) for \(group): \(reason). It is tried again.")
      entry.fields["ERRNO"] = "\(errno)"
      return entry
    case .limitReached(let name, let reason, let errno, let sysctl):
      return EventEntry(
        .membershipLimit, .warning,
        "cannot join \(group.address) on \(name): \(reason). The kernel's limit on memberships is "
          + "reached: raise it with `sysctl \(sysctl)=N`.", fields, ["ERRNO": "\(errno)"])
    case .missing(_, let what, let present, let origin):
      return EventEntry(
        .interfaceMissing, .warning,
        "\(what), for 30 s now: nothing is sent or heard there. There are \(present). The name is from "
          + "\(origin): correct it if it is wrong; the interface is used as soon as it appears.", fields)
    case .querierMissing(let name, let heardFor):
      return EventEntry(
        .querierMissing, .warning,
        "\(group) fell quiet on \(name) \(DurationText.words(heardFor)) after it was joined, "
          + "and was heard again as soon as it was joined again: "
          + "probably a switch with IGMP or MLD snooping and no querier. "
          + "Enable a querier on the switch or bridge (multicast_querier), or turn snooping off.", fields)
    }
  }
}

extension Explanation {
  static let interfaceJoined = Explanation(
    "6805565c69a442079e06532c6c64b2bd",
    subject: "The interface @MCAST_INTERFACE@ is in use",
    """
    The group @MCAST_GROUP@ was joined on @MCAST_INTERFACE@, or heartbeats are sent to it
    from there. The daemon does so when it starts and whenever the interface comes,
    comes back, has a carrier again, or gets an address or a route, and when the address
    that heartbeats were sent from is gone: then they are sent from another one, and
    peers take this host for another.

    Nothing needs to be done. Peers that are heard again become alive without an
    entry; the others have their full time again before they become silent.
    """)

  static let interfaceLost = Explanation(
    "94c11cfbc45941bfabf503e37a321394",
    subject: "The interface @MCAST_INTERFACE@ cannot be used",
    """
    The interface @MCAST_INTERFACE@ was removed or renamed, went down, has no carrier or no
    usable address, or the kernel refuses to join the group @MCAST_GROUP@ on it. Nothing is
    heard or sent there for now. Meanwhile no peer of this interface becomes silent:
    those that are not heard become unknown.

    The daemon goes on with the other interfaces, tries a refused one again by itself,
    and uses one that returns within a second; nothing needs to be restarted. Without
    a carrier, check the cable, the switch port or the other end. If the interface
    should be there, look at it with "ip address show" and "mcastd doctor". If it
    was renamed for good, correct interface= in mcastd.conf(5).
    """)

  static let interfaceMissing = Explanation(
    "842c64826fff4e82bb5c00ffb3877f88",
    subject: "There is no interface @MCAST_INTERFACE@",
    documentation: "man:mcastd(8) man:mcastd.conf(5)",
    """
    The configuration names the interface @MCAST_INTERFACE@, and for 30 s there has been
    none with that name, alternative name or address. Nothing is sent or heard
    there; the daemon works on the other interfaces that it was given, if any.

    The message says where the name comes from and which interfaces there are. If
    it is misspelt, correct it and reload. If the interface comes later, nothing
    needs to be done: the daemon uses it within a second of its arrival.
    """)

  static let membershipLimit = Explanation(
    "d209700bcb2749268ca0b8d3f7886407",
    subject: "The kernel's limit on group memberships is reached",
    """
    The kernel refused to join the group @MCAST_GROUP@ on @MCAST_INTERFACE@ because a
    socket can have only so many memberships (ENOBUFS). Nothing is heard there.

    The message names the sysctl that is the limit: net.ipv4.igmp_max_memberships for
    interfaces with IPv4, 20 unless it was changed, net.ipv4.igmp_max_msf for sources
    with IPv4, net.ipv6.mld_max_msf for sources with IPv6. Name fewer interfaces or
    sources, or raise the limit with a file in /etc/sysctl.d. The daemon tries again
    by itself, at most every 30 s.
    """)

  static let querierMissing = Explanation(
    "1936200f0dd0421bb4d8e1486e697387",
    subject: "The group fell quiet as it does where a querier is missing",
    """
    Some time after the group @MCAST_GROUP@ was joined, usually 260 s, its peers were no
    longer heard, while our own heartbeats were. The daemon joined the group again, and
    then they were heard at once.

    A switch or bridge with IGMP or MLD snooping forwards a group only to ports from
    which a membership report came within that time, and members report when a
    querier asks. Probably there is no querier.

    Turn on a querier in that network, on the router or the switch, or for a Linux
    bridge with "ip link set BRIDGE type bridge mcast_querier 1", or turn snooping
    off. A restart of mcastd helps for another 260 s only. "mcastd doctor" shows the
    snooping of a local bridge and whether a query was seen.
    """)
}
