// SPDX-License-Identifier: Apache-2.0

import Monitor

extension EventCatalogue {
  static func entry(of event: StatesEvent) -> EventEntry {
    switch event {
    case .refused(let state, let unit, let isStart, let why, let isCommon):
      EventEntry(
        .targetRefused, .warning,
        "\(unit) is not \(isStart ? "started" : "stopped"). \(why) It is tried again each minute"
          + (isCommon ? ", and the targets of other states alike." : "."), fields(state, unit))
    case .accepted(let state, let unit, let isStart, let isCommon):
      EventEntry(
        .targetAccepted, .notice,
        "\(unit) is \(isStart ? "started" : "stopped") now"
          + (isCommon ? ", and so are the targets of other states that waited for it" : ""),
        fields(state, unit))
    }
  }

  private static func fields(_ state: String, _ unit: String) -> [String: String] {
    ["MCAST_STATE_NAME": state, "MCAST_UNIT": unit]
  }
}

extension Explanation {
  static let targetRefused = Explanation(
    "f558581f5c324592aa8304a5be53e464",
    subject: "@MCAST_UNIT@ cannot be started or stopped",
    """
    The state @MCAST_STATE_NAME@ of a rule was entered or left, and its target
    @MCAST_UNIT@ should follow. systemd did not do it, for the reason that the message
    names, so the units that are enabled for the target do not run, or still run. The
    files of the states in the runtime directory are right all the same.

    The daemon tries again: each minute, sooner after the bus was away, and at once when
    the state changes. It logs an entry when it succeeds. A masked target is left alone
    as long as it is masked; "systemctl mask" is how an operator forbids an action.
    """)

  static let targetAccepted = Explanation(
    "e234bf0b8c6340499f0a286bf484b6bb",
    subject: "@MCAST_UNIT@ can be started and stopped again",
    """
    systemd takes what it refused before: the target @MCAST_UNIT@ is as the state
    @MCAST_STATE_NAME@ wants it. Nothing needs to be done.
    """)
}
