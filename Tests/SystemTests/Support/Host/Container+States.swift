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

  /// Has a daemon enter the state `fans`, by a rule over what a file says, and leaves it to neither go on nor
  /// end: a daemon that comes later enters it no more by itself.
  ///
  /// - Parameters:
  ///   - unit: Of the daemon, which is restarted.
  ///   - settings: The file of its settings, which is replaced.
  ///   - state: Whose action is to be done, with the instance before it.
  func enterFans(of unit: String, settings: String, _ more: String = "", action state: String) async throws {
    try await write("name=h1\nreadings.expire=1h\n\(more)", to: settings)
    try await write(
      // Written in place, the file is empty for a moment.
      "when=fans.wish has on\nuntil=fans.wish has off\nfor=0s\nrelease-for=0s\non-unknown=hold\nflip-limit=100/1h\n",
      to: "/etc/mcastd/rules.d/fans.rule")
    try await write("on\n", to: "/etc/mcastd/readings.d/fans.wish")
    try await systemctl("restart", unit)
    try await actions(of: state, are: ["on"])
    try await write("as it is\n", to: "/etc/mcastd/readings.d/fans.wish")
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
