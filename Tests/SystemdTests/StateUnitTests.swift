// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Systemd

struct StateUnitTests {
  @Test("the target has the names of instance and state")
  func names() throws {
    #expect(try StateUnit(state: "fans-off", instance: nil).name == "mcastd-state@fans-off.target")
    #expect(try StateUnit(state: "fans-off", instance: "lab").name == "mcastd-state@lab-fans-off.target")
  }

  @Test(
    "no other characters reach a unit's name",
    arguments: ["", "a b", "A", "a.service", "../a", "a/b", "a@b", "a\nb", "ä", "a\\x2d", "a_b", "*"])
  func characters(name: String) {
    #expect(throws: StateUnit.Unusable.state(name)) { try StateUnit(state: name, instance: nil) }
    #expect(throws: StateUnit.Unusable.instance(name)) { try StateUnit(state: "a", instance: name) }
  }

  @Test("a name that systemd does not take is refused")
  func length() throws {
    #expect(try StateUnit(state: String(repeating: "a", count: 235), instance: nil).name.utf8.count == 255)
    #expect(throws: StateUnit.Unusable.tooLong(256)) {
      try StateUnit(state: String(repeating: "a", count: 236), instance: nil)
    }
  }

  @Test("errors of D-Bus are what they mean")
  func refusals() {
    func refusal(_ name: String) -> UnitRefusal {
      UnitRefusal(name: name, message: "text", within: .seconds(5))
    }
    let bus = "org.freedesktop.DBus.Error."
    #expect(refusal(bus + "AccessDenied") == .notAllowed)
    #expect(refusal(bus + "InteractiveAuthorizationRequired") == .authorizationRequired)
    #expect(refusal("org.freedesktop.systemd1.UnitMasked") == .masked)
    #expect(refusal("org.freedesktop.systemd1.NoSuchUnit") == .noSuchUnit)
    #expect(refusal(bus + "ServiceUnknown") == .noManager)
    #expect(refusal(bus + "Spawn.ChildExited") == .noManager)
    #expect(refusal(bus + "NoReply") == .disconnected)
    let other = refusal("org.freedesktop.systemd1.TransactionIsDestructive")
    #expect(other == .other(name: "org.freedesktop.systemd1.TransactionIsDestructive", message: "text"))
    #expect("\(other)" == "text (org.freedesktop.systemd1.TransactionIsDestructive)")
    #expect(other.cause == nil && refusal(bus + "NoReply").isUncertain)
  }
}
