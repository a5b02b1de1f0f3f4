// SPDX-License-Identifier: Apache-2.0

import Monitor
import Platform

extension EventCatalogue {
  static func entry(of event: ServiceEvent) -> EventEntry {
    switch event {
    case .started(let status, let group):
      return EventEntry(
        .started, .notice, "mcastd \(Version.current) started: \(status)", group.fields,
        ["MCAST_VERSION": Version.current])
    case .startFailed(let reason): return EventEntry(.startFailed, .error, reason)
    case .stopping(let signal, let ledger, let counts, let untaken, let time):
      let loss =
        untaken == 0
        ? "" : " The journal did not take \(untaken) entries within \(time); they are summarised."
      return EventEntry(
        .stopping, .notice, "stopping: \(ledger).\(loss)", ["MCAST_SIGNAL": signal],
        Dictionary(uniqueKeysWithValues: counts.map { ("MCAST_LEDGER_\($0.name)", "\($0.value)") }))
    case .configurationApplied(let status, let changes):
      let text = changes.isEmpty ? "nothing" : changes.joined(separator: ", ")
      return EventEntry(
        .configurationApplied, .notice, "the configuration is in force: \(status). Changed: \(text)")
    case .configurationRefused(let reason):
      return EventEntry(
        .configurationRefused, .error,
        "the configuration was refused, the previous one stays in force: \(reason)")
    case .settingUnknown(let warning): return EventEntry(.configurationUnknownKey, .warning, warning)
    }
  }
}

extension Explanation {
  static let started = Explanation(
    "7e633452a0bb45439d575e89acba2bc3",
    subject: "mcastd started on the group @MCAST_GROUP@, port @MCAST_PORT@",
    """
    The daemon read its configuration, joined the group and attempted the first
    heartbeat. Where an interface is missing, the daemon waits for it, and systemctl
    status names it.

    Nothing needs to be done. "mcastd status" shows the settings that are not
    defaults and where each came from.
    """)

  static let startFailed = Explanation(
    "0b407321daaa4e4abbea4ac82c34f8ef",
    subject: "mcastd could not start",
    documentation: "man:mcastd(8) man:mcastd.conf(5)",
    """
    The message has the reason. If the configuration is not valid (exit status 78),
    it names the setting, its value and where it comes from. The service is not
    restarted: correct the setting, try it with "mcastd check", and start the service.
    If the system refused something (exit status 71), the service manager restarts
    the service by itself.
    """)

  static let stopping = Explanation(
    "c518014f6ea6475ba3f44578cc438e46",
    subject: "mcastd stops",
    """
    The daemon was asked to stop. The message accounts for every datagram: received
    is the sum of logged (has an entry of its own), summarised (counted in a warning
    instead) and queued (0 unless the journal took no more entries for 5 s).

    On a restart or an upgrade the socket stays in the file descriptor store of the
    service manager, and what arrives meanwhile is recorded by the next process.
    After a plain stop no process listens, and the other members of the group will
    report that this host left, or is silent where publish.goodbye=no.
    """)

  static let configurationApplied = Explanation(
    "5656059b6cd1491bb29218cd8a64c0ea",
    subject: "A new configuration is in force",
    documentation: "man:mcastd(8) man:mcastd.conf(5)",
    """
    The daemon read its configuration again, because of "systemctl reload",
    "mcastd reload" or SIGHUP, found it valid and put it into force. The message
    names what changed.

    Nothing needs to be done. "mcastd status" shows the settings that are not
    defaults and where each came from.
    """)

  static let configurationRefused = Explanation(
    "f37d11fa130d4600833b95e7ed63b8b2",
    subject: "The new configuration was refused",
    documentation: "man:mcastd(8) man:mcastd.conf(5)",
    """
    The daemon was asked to read its configuration again and found a value that is
    not valid, or the system refused what the configuration asks for. The old
    configuration stays in force.

    The message names the key, the value, where it came from and what is accepted,
    or the call that failed. Correct the setting, try it with "mcastd check", and
    reload again. Until then a restart would fail (exit status 78, or 71 where the
    system refuses). A value from Environment= of the unit is not in a shell's
    environment: see "systemctl cat".
    """)

  static let configurationUnknownKey = Explanation(
    "93623e7be258408bbfd0ddb1f40ac354",
    subject: "A setting is unknown and was ignored",
    documentation: "man:mcastd.conf(5)",
    """
    The configuration file has a key, or the environment an MCASTD_ variable, that
    mcastd does not know. It was ignored and everything else applies.

    Probably it is misspelt, stands in the wrong section, or comes from another
    version of mcastd. The message names the section to which it belongs, or the
    nearest known name if one is near. "mcastd check" reports the same.
    """)
}
