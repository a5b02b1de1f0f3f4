// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Daemon
@testable import Journal
@testable import Monitor
@testable import Systemd

// The targets of states.
extension MessageTextTests {
  static var states: [Row] {
    let fields = ["MCAST_STATE_NAME": "fans-off", "MCAST_UNIT": "mcastd-state@fans-off.target"]
    func refused(_ refusal: UnitRefusal, isStart: Bool = true) -> Event {
      .states(
        .refused(
          state: "fans-off", unit: "mcastd-state@fans-off.target", isStart: isStart, why: "\(refusal)",
          isCommon: refusal.cause != nil))
    }
    func accepted(isStart: Bool, isCommon: Bool) -> Event {
      .states(
        .accepted(
          state: "fans-off", unit: "mcastd-state@fans-off.target", isStart: isStart, isCommon: isCommon))
    }
    return [
      Row(
        refused(.masked), .targetRefused, .warning,
        "mcastd-state@fans-off.target is not started. The target is masked. `systemctl unmask` allows it. It "
          + "is tried again each minute.", fields),
      Row(
        refused(.notAllowed, isStart: false), .targetRefused, .warning,
        "mcastd-state@fans-off.target is not stopped. It is not allowed. Install polkitd, and see that no rule "
          + "of polkit refuses it: /usr/share/polkit-1/rules.d/50-mcastd.rules allows it to the user mcastd. "
          + "It is tried again each minute, and the targets of other states alike.", fields),
      Row(
        accepted(isStart: true, isCommon: false), .targetAccepted, .notice,
        "mcastd-state@fans-off.target is started now", fields),
      Row(
        accepted(isStart: false, isCommon: true), .targetAccepted, .notice,
        "mcastd-state@fans-off.target is stopped now, and so are the targets of other states that waited for "
          + "it", fields),
    ]
  }
}
