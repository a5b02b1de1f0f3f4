// SPDX-License-Identifier: Apache-2.0

import Glibc
import Systemd

/// States of rules, and the actions that are enabled for them.
extension Container {
  /// The system bus inside, as this machine's root.
  var units: UnitControl { UnitControl(address: "unix:path=\(root)/run/dbus/system_bus_socket") }

  /// Enables an action for a state, which notes `on` and `off` when it is done and undone.
  func enableAction(for state: String) async throws {
    let unit = """
      [Unit]
      StopWhenUnneeded=yes
      [Service]
      Type=oneshot
      RemainAfterExit=yes
      ExecStart=/bin/sh -c 'echo on >>/run/\(state).log'
      ExecStop=/bin/sh -c 'echo off >>/run/\(state).log'
      [Install]
      WantedBy=mcastd-state@\(state).target

      """
    try await write(unit, to: "/etc/systemd/system/action-\(state).service")
    try await systemctl("daemon-reload")
    try await systemctl("enable", "action-\(state).service")
    try await forgetAction(for: state)
  }

  /// Stops a state's target, and forgets what its action noted.
  func forgetAction(for state: String) async throws {
    try await systemctl("stop", "mcastd-state@\(state).target", "action-\(state).service")
    try await run("truncate", "--size=0", "/run/\(state).log").checked()
  }

  /// What the action of a state noted.
  func actions(of state: String) async throws -> [String] {
    try await run("cat", "/run/\(state).log").checked().lines
  }

  /// Waits until the action of a state has noted this.
  func actions(of state: String, are wanted: [String], within limit: Duration = .seconds(10)) async throws {
    var seen: [String] = []
    try await eventually("\(wanted) by the action of \(state), but \(seen)", within: limit) {
      seen = try await actions(of: state)
      return seen == wanted ? true : nil
    }
  }
}
