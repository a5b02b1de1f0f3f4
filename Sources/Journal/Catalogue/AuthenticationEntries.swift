// SPDX-License-Identifier: Apache-2.0

import Heartbeat
import Liveness
import Monitor
import Platform

extension EventCatalogue {
  static func entry(
    of refused: RefusedHeartbeats, isRefused: Bool, group: Endpoint
  ) -> EventEntry {
    let sources = ListText.counted(refused.loudest.map { ("\($0.source)", $0.count) })
    let reasons = ListText.counted(refused.reasons.map { ($0.reason.text, $0.count) })
    let replayed = refused.reasons.filter { $0.reason.proof == .replayed }.reduce(0) { $0 &+ $1.count }
    let (count, span) = (refused.numbers.count, refused.numbers.span)
    let what = count == 1 ? "a heartbeat" : "\(count) heartbeats"
    let within = span == 0 ? "" : " within \(DurationText.words(span))"
    let consequence =
      isRefused
      ? "What is not authentic counts for nothing." : "It still counts, since auth.mode is sign."
    return EventEntry(
      .notAuthentic, .warning,
      "\(what) to \(group)\(within) \(count == 1 ? "is" : "are") not authentic\(refused.numbers.sofar): "
        + "\(reasons). Most from: \(sources). \(consequence)",
      group.fields, refused.numbers.fields("MCAST_UNAUTHENTIC"),
      ["MCAST_REPLAYED": "\(replayed)", "MCAST_LOUDEST": sources, "MCAST_REASON": reasons])
  }

  static func entry(ofClocks off: [ClockNews.Off], more: Int, group: Endpoint) -> EventEntry {
    let hosts = off.map { "\($0.host) is \(DurationText.words(of: $0.ahead))" }
    return EventEntry(
      .clockOff, .warning,
      "clocks differ: \(ListText.named(hosts, more: more)), by this host's clock. "
        + "What such a host sends cannot be told from what was recorded: its readings are not used, and "
        + "after a restart it is refused. "
        + "Set the clocks by NTP: `timedatectl`.",
      group.fields,
      [
        "MCAST_HOST": off.first?.host.description ?? "",
        "MCAST_OFFSET_USEC": "\(0 &- (off.first?.ahead ?? 0))", "MCAST_COUNT": "\(off.count + more)",
      ])
  }

  static func entry(ofRightClocks hosts: [HostName], more: Int, group: Endpoint) -> EventEntry {
    let count = hosts.count + more
    return EventEntry(
      .clockRight, .notice,
      "the clock\(count == 1 ? "" : "s") of \(ListText.named(hosts.map(\.description), more: more)) "
        + "\(count == 1 ? "is" : "are") right again",
      group.fields, ["MCAST_HOST": hosts.first?.description ?? "", "MCAST_COUNT": "\(count)"])
  }
}

extension DurationText {
  /// `3.2 s ahead` or `1 h 2 min behind` of so many microseconds ahead.
  fileprivate static func words(of ahead: Int64) -> String {
    let nanoseconds = Int64(microseconds: Int64(clamping: ahead.magnitude))
    let isTooLong = nanoseconds == .max
    return "\(isTooLong ? "more than 292 years" : words(nanoseconds)) \(ahead < 0 ? "behind" : "ahead")"
  }
}

extension HeartbeatGate.Reason {
  /// Worded to stand in a list, with a number after it.
  package var text: String {
    switch self {
    case .noCode: "without a code"
    case .unnumbered: "with a code and without a name or number"
    case .code(.malformed): "with a code that is not of the form"
    case .code(.unknownKey): "by a key that this host does not have"
    case .code(.keyOfOtherHost): "by a key that is not for their host"
    case .code(.wrongMAC): "with a wrong mac"
    case .code(.wrongSignature): "with a wrong sig"
    case .code(.budgetSpent): "with a sig beyond those that are checked"
    case .repeated: "accepted before"
    case .earlierRun: "of an earlier run of their host, or of two hosts with one name"
    case .notFresh: "not of now: recorded, or of a host whose clock is off"
    case .noRoom: "of hosts beyond peers.max"
    }
  }
}

extension Explanation {
  static let notAuthentic = Explanation(
    "81b5bbf5a0564f998a327f44f8661451",
    subject: "Heartbeats are not authentic",
    documentation: "man:mcastd(8) man:mcastd.conf(5)",
    """
    Heartbeats for the group @MCAST_GROUP@, port @MCAST_PORT@, do not prove that a host of the
    group sent them just now. The message says why, how often, and from where most of
    them came; a source address can be forged too.

    "without a code": a host that is not set to auth.mode=sign, or the plain sender of
    a script. "by a key that this host does not have", "with a wrong mac": a host with
    other keys, or a forger. "accepted before", "of an earlier run": repeated on the
    way, or by somebody who recorded them; also a second host with the same name, of
    which another entry tells where both have the key, or a
    host that started with its clock set back: restart mcastd there when the clock is
    right. "not of now": the first ones of a host whose clock is off, which another
    entry names.

    With auth.mode=require they make no peer and no reading. Each has an entry of its
    own with MCAST_AUTH as far as the log budget goes, and "mcastd status" counts
    unauthenticated and replayed ones.

    While it goes on there is another entry after 10 s, a minute, and then every hour:
    MCAST_UNAUTHENTIC counts since the entry before, MCAST_REPLAYED those of them that
    are of the past, MCAST_TOTAL all since it began.
    """)

  static let clockOff = Explanation(
    "55c8ce5627af4b24b75c046f786306f6",
    subject: "The clock of @MCAST_HOST@ differs from ours",
    documentation: "man:mcastd(8) man:timedatectl(1)",
    """
    A heartbeat of this host is authentic, and the time in it differs from the clock of
    the host that says so by more than three of its intervals and more than 5 s.
    MCAST_OFFSET_USEC is how far our clock is ahead of the first host that the message
    names.

    As long as it goes on sending it is accepted by its numbers, and is alive. Its
    readings are not used, and get stale: they may have been recorded before they
    changed, or held up. The first heartbeat
    after a restart, or after a minute of silence, has nothing but its time to tell it
    from a recorded one: it is refused until the clocks agree. Where all hosts are named
    the clock here is the one that is off. And where the host named is down, somebody may
    be repeating what it sent.

    Let all hosts set their clocks by NTP; "timedatectl" shows whether they do.
    """)

  static let clockRight = Explanation(
    "c9ecb6c7fd064ba491e6458c185939e7",
    subject: "The clock of @MCAST_HOST@ is right again",
    """
    The time in the heartbeats of the hosts that the message names agrees with ours
    again. Nothing needs to be done.
    """)
}
