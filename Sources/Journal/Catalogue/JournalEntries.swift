// SPDX-License-Identifier: Apache-2.0

import Monitor
import Platform

extension EventCatalogue {
  static func entry(of event: JournalEvent) -> EventEntry {
    switch event {
    case .summarised(let reason, let numbers, let loudest):
      let cause =
        switch reason {
        case .budget: "over the budget of log.rate and log.burst"
        case .stall: "the journal did not take entries and log.queue was full"
        }
      let span = DurationText.words(numbers.span)
      let sources = ListText.counted(loudest.map { ("\($0.source)", $0.count) })
      return EventEntry(
        reason == .budget ? .summarised : .journalStalled, .warning,
        "\(numbers.count) datagrams within \(span) have no entry of their own\(numbers.sofar): "
          + "\(cause). Loudest: \(sources)",
        numbers.fields("MCAST_SUMMARISED"),
        ["MCAST_LOUDEST": sources, "MCAST_REASON": reason.rawValue])
    case .heartbeatVolume(let bytes, let entries, let span):
      let gigabytes = Digits.tenths(bytes / 100_000_000)
      return EventEntry(
        .heartbeatVolume, .warning,
        "heartbeats take \(gigabytes) GB of the journal a day, as of the last \(DurationText.words(span)). "
          + "Set log.heartbeats=own or log.heartbeats=no: peers are watched and reported all the same. "
          + "Or give mcastd a journal of its own with LogNamespace= in the unit.",
        ["MCAST_BYTES_A_DAY": "\(bytes)", "MCAST_COUNT": "\(entries)"])
    case .unreachable(let span, let errno):
      return EventEntry(
        .journalUnreachable, .warning,
        "journald could not be reached for \(DurationText.words(span)): \(errnoText(errno))",
        ["ERRNO": "\(errno)", "MCAST_SPAN_USEC": "\(span / 1000)"])
    case .messagesLost(let count):
      return EventEntry(
        .messagesLost, .warning, "\(count) messages of mcastd were lost while the journal was stalled",
        ["MCAST_COUNT": "\(count)"])
    }
  }
}

extension Explanation {
  static let summarised = Explanation(
    "43c6e8b02f2d4edb8ec42569736454f5",
    subject: "Datagrams were counted instead of logged",
    documentation: "man:mcastd.conf(5)",
    """
    More datagrams came than the log budget has entries for. They were received and
    counted, and peers were judged by them, but they have no entries of their own.
    The message has their number, the time, and the sources that sent most.

    With MCAST_REASON=peers the entries that are missing are those of events of peers:
    too many came at once. "mcastd peers" and the files of peers show the state of all.
    With MCAST_REASON=readings they are changes of readings, with rules those of rules:
    "mcastd readings" and "mcastd rules" show what is so now.

    While it goes on there is another entry after 10 s, a minute, and then every hour:
    MCAST_SUMMARISED counts since the entry before, MCAST_TOTAL since it began. It is
    over after ten minutes without one.

    Find out why these sources send so much. If that is as it should be, raise
    log.rate= and log.burst=, or set log.rate=0 for an entry for every datagram,
    which takes about 900 bytes of the journal each. If they are heartbeats of many
    hosts, log.heartbeats=own or log.heartbeats=no leaves them out without a warning.
    """)

  static let journalStalled = Explanation(
    "a97610b9a91a48d8940d957268752619",
    subject: "The journal did not keep up",
    documentation: "man:mcastd.conf(5) man:systemd-journald.service(8)",
    """
    systemd-journald took no entries for a while, or took them more slowly than
    datagrams came, until log.queue= was full. Datagrams that came then were received
    and counted but have no entry of their own. The sending of heartbeats and the
    judgement of peers were not affected.

    journald may have been stopped or restarted, another service may be flooding it,
    or the disk may be slow: see "systemctl status systemd-journald". Write less, with
    a log budget (log.rate=) or log.heartbeats=no, or bridge longer stalls with a
    larger log.queue=, which takes that much memory while they last.
    """)

  static let heartbeatVolume = Explanation(
    "d63e491ecf634d5d8cc153eddabee91e",
    subject: "Heartbeats fill the journal: @MCAST_BYTES_A_DAY@ bytes a day",
    documentation: "man:mcastd.conf(5) man:journald.conf(5)",
    """
    Each heartbeat that is received has an entry of its own, and at the rate of the
    last five minutes these entries take @MCAST_BYTES_A_DAY@ bytes of the journal a day,
    more than 1 GB. When the journal is full (SystemMaxUse=), its oldest entries are
    deleted, those of other services too. This entry comes once after each start.

    Set log.heartbeats=own for entries of our own heartbeats only, or log.heartbeats=no
    for none: they are received and counted as summarised, peers are judged by them as
    before, and events of peers still have entries. Or give mcastd a journal of its own
    with LogNamespace= in a drop-in of the unit (systemd.exec(5)); "journalctl
    --namespace=" shows it then. If this much is wanted, nothing needs to be done.
    """)

  static let journalUnreachable = Explanation(
    "ee537b2ccf544313a7ccbe6b9d7f48f5",
    subject: "journald could not be reached for a while",
    documentation: "man:mcastd.conf(5) man:systemd-journald.service(8)",
    """
    The socket of systemd-journald was not there, or refused what the daemon sent, and
    takes entries again now. What came meanwhile waited in the daemon, as far as
    log.queue= had room, and has its entries with the times at which it was received.

    Nothing needs to be done if journald was restarted. Otherwise see "systemctl status
    systemd-journald".
    """)

  static let messagesLost = Explanation(
    "6d37cd1eaa304fbcb8114bfa06b42e0d",
    subject: "Messages of mcastd were lost",
    documentation: "man:mcastd(8) man:systemd-journald.service(8)",
    """
    systemd-journald took nothing for so long that more messages of the daemon waited
    than it keeps: the oldest are in the journal, and @MCAST_COUNT@ that came later are not.
    Datagrams are counted apart from these, and the state of peers is not affected:
    "mcastd status" and "mcastd peers" show it.

    Look into the journal around this entry for what held up journald, e.g. a full or
    slow disk.
    """)
}
