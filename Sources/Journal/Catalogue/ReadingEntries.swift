// SPDX-License-Identifier: Apache-2.0

import Facts
import Heartbeat
import Monitor
import Platform

extension EventCatalogue {
  /// - Parameter event: Of one reading; what became unknown or known of a host is told together.
  static func entry(of event: ReadingsEvent, group: Endpoint) -> EventEntry? {
    switch event {
    case .changed(let changes): changes.changes.first.flatMap { entry(of: $0, changes, group) }
    case .unknown(let changes): entry(unknown: changes, group)
    case .known(let changes):
      EventEntry(
        .readingKnown, .notice,
        "\(changes.host) says again: \(changes.changes.map(\.assignment).joined(separator: ", "))",
        group.fields, changes.fields)
    case .suppressed(let suppressed):
      EventEntry(
        .summarised, .warning,
        "\(suppressed.count) changes of readings have no entry of their own, "
          + "there were too many at once\(suppressed.sofar): see `mcastd readings`",
        group.fields, suppressed.fields("MCAST_SUMMARISED"), ["MCAST_REASON": "readings"])
    }
  }

  static func entry(of event: OwnReadingsEvent) -> EventEntry {
    switch event {
    case .leftOut(let ids) where ids.isEmpty:
      EventEntry(.readingSaid, .notice, "there is room in a heartbeat again for all readings of this host")
    case .leftOut(let ids):
      EventEntry(
        .readingLeftOut, .warning,
        "no room in a heartbeat for \(ListText.named(ids.prefix(10).map(\.word), more: ids.count - 10)): "
          + "it has at most \(Heartbeat.largestSize) bytes and \(ReadingWords.most) readings, and the last "
          + "by name are left out. Say less, or give the important ones names that come first.",
        ["MCAST_READING": ids.first?.word ?? "", "MCAST_COUNT": "\(ids.count)"])
    case .faulty(let fault):
      EventEntry(
        .readingLeftOut, .warning, "reading not said: \(fault)", ["MCAST_PATH": fault.path], fields(fault))
    case .mended(let path):
      EventEntry(
        .readingSaid, .notice, "reading said again: \(Printable.line(path))", ["MCAST_PATH": path])
    case .nameless(let directory):
      EventEntry(
        .readingLeftOut, .warning,
        "the files in \(Printable.line(directory)) are not said: this host has no name, under which others "
          + "would know them. Set name= in mcastd.conf, for example name=auto, and reload.",
        ["MCAST_PATH": directory])
    }
  }

  private static func fields(_ fault: ReadingFileFault) -> [String: String] {
    switch fault.problem {
    case .noDirectory(let errno), .unwatched(_, let errno), .refused(_, let errno): ["ERRNO": "\(errno)"]
    default: [:]
    }
  }

  /// Only words have an entry: numbers change all the time.
  private static func entry(
    of change: ReadingChange, _ changes: HostChanges, _ group: Endpoint
  ) -> EventEntry? {
    let words = [change.now.value, change.before?.value ?? .unknown].map { $0.kind == .words }
    let drill = change.id.isDrill ? "for practice, " : ""
    if change.isGone {
      // What is not said any more is unknown, and told so; a drill is over.
      guard change.id.isDrill else { return nil }
      return EventEntry(
        .readingChanged, .notice, "\(drill)\(changes.host) says nothing of \(change.id.key) any more",
        group.fields, changes.fields)
    }
    guard words.contains(true), change.before != nil || change.id.isDrill else { return nil }
    let before = change.before.map { ", and said \($0.value) before" } ?? ""
    let doubt = change.now.quality == .unauthenticated ? ". It is not authentic" : ""
    return EventEntry(
      .readingChanged, .notice,
      "\(drill)\(changes.host) says \(change.id.key)=\(change.now.value)\(before)\(doubt)",
      group.fields, changes.fields)
  }

  private static func entry(unknown changes: HostChanges, _ group: Endpoint) -> EventEntry {
    let keys = changes.changes.map { "\($0.id.key)" }.joined(separator: ", ")
    let reasons = changes.changes.map(\.now.why).uniqued().joined(separator: ", or ")
    return EventEntry(
      .readingUnknown, .warning,
      "\(keys) of \(changes.host) \(changes.changes.count == 1 ? "is" : "are") unknown: \(reasons)",
      group.fields, changes.fields)
  }
}

extension ReadingChange.Told {
  /// Why it is not known.
  fileprivate var why: String {
    switch reason {
    case .said: "it says so"
    case .gone: "nothing is said of it any more"
    case .namesake: "two senders use the name of the host"
    case nil: "the host was not heard for \(HostFacts.freshBeats) beats"
    }
  }
}

extension ReadingChange {
  /// `ups.status=OB DISCHRG`.
  fileprivate var assignment: String { "\(id.word)=\(now.value)" }
}

extension HostChanges {
  /// MCAST_READING and MCAST_VALUE are of the first of several.
  fileprivate var fields: [String: String] {
    var fields = ["MCAST_HOST": "\(host)", "MCAST_COUNT": "\(changes.count)"]
    if let address { fields["MCAST_PEER"] = "\(address)" }
    if let first = changes.first {
      fields["MCAST_READING"] = first.id.word
      fields["MCAST_VALUE"] = first.now.value.text
      fields["MCAST_QUALITY"] = first.now.quality.rawValue
    }
    return fields
  }
}

extension Explanation {
  static let readingLeftOut = Explanation(
    "98d5fe09c9514dffac2b6665f2018022",
    subject: "A reading of this host is not said as it should be",
    documentation: "man:mcastd(8) man:mcastd.conf(5)",
    """
    A reading of this host cannot be sent, or its file (MCAST_PATH) cannot be read; the
    message says why, and what to do. Other hosts do not hear of it, or hear that it is
    unknown. The other readings and the heartbeats are sent as ever.
    """)

  static let readingSaid = Explanation(
    "5610ed9a75bc484cbb634bf65ff62709",
    subject: "Readings of this host are said again",
    """
    What could not be sent or read is said to the other hosts again. Nothing needs to be
    done.
    """)

  static let readingChanged = Explanation(
    "22c2bfc4b76d40bc9d69080e2f73c392",
    subject: "@MCAST_HOST@ says something else of @MCAST_READING@",
    """
    A reading of the host @MCAST_HOST@ that is words has changed: MCAST_VALUE is what it
    says now. Numbers have no entries: "mcastd readings" shows them, and "mcastd monitor"
    each change.

    One that is for practice, set by "mcastd set --test", is named with "test." before its
    key, and says nothing of how things are.
    """)

  static let readingUnknown = Explanation(
    "f7def1e927b74b5988c62244006c65da",
    subject: "Readings of @MCAST_HOST@ are unknown",
    documentation: "man:mcastd(8) man:mcastd.conf(5)",
    """
    What was known of the host @MCAST_HOST@ is unknown from now on: @MCAST_READING@, and
    others that the message names. Nothing may be concluded from what it said before.

    Not heard: the host is down, stopped, or cut off; an entry of the peer says more. It
    says so: on that host the file of the reading is too old or cannot be read, or its
    time was over (mcastd set --for): "mcastd readings" there, and its journal. Two
    senders use its name: give each a name of its own.
    """)

  static let readingKnown = Explanation(
    "dcceb1e898bd459f8c616d5400b840b5",
    subject: "Readings of @MCAST_HOST@ are known again",
    """
    The host @MCAST_HOST@ says again what was unknown: @MCAST_READING@, and others that
    the message names. Nothing needs to be done.
    """)
}
