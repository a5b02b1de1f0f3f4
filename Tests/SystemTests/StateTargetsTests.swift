// SPDX-License-Identifier: Apache-2.0

import Daemon
import Glibc
import Journal
import Monitor
import Platform
import Synchronization
import Systemd
import TestSupport
import Testing

extension SystemTests {
  /// Targets of states, by a real systemd, dbus and polkit.
  @Suite(.container)
  struct StateTargetsTests {
    @Test("a target and its action are started and stopped, and systemd says which they are")
    func startAndStop() async throws {
      let container = try Container.current
      try await container.enableAction(for: "fans")
      let (units, unit) = (container.units, try StateUnit(state: "fans", instance: nil))
      var state = try await units.state(of: unit)
      #expect(
        state == UnitState(loadState: "loaded", activeState: "inactive", wanted: ["action-fans.service"]))
      #expect(await units.start(unit) == .queued)
      try await container.actions(of: "fans", are: ["on"])
      state = try await units.state(of: unit)
      #expect(state.activeState == "active" && state.isActive)
      // Once more does nothing.
      #expect(await units.start(unit) == .queued)
      #expect(await units.stop(unit) == .queued)
      try await container.actions(of: "fans", are: ["on", "off"])
      #expect(await units.stop(unit) == .queued)
    }

    @Test("many are asked for by one call, also those that nobody ever started")
    func many() async throws {
      let container = try Container.current
      let units = container.units
      let states = try (0..<500).map { try StateUnit(state: "many-\($0)", instance: "lab") }
      #expect(await units.start(states[7]) == .queued)
      try await container.property("ActiveState", of: states[7].name) { $0 == "active" }
      let found = try await units.areActive(states)
      #expect(found.count == states.count)
      #expect(found.filter(\.value).map(\.key) == ["mcastd-state@lab-many-7.target"])
      #expect(await units.stop(states[7]) == .queued)
    }

    @Test("a target that is inactive can be stopped without a word in the journal")
    func stopNothing() async throws {
      let container = try Container.current
      let unit = try StateUnit(state: "nothing", instance: nil)
      let start = try await container.journalEnd()
      #expect(await container.units.stop(unit) == .queued)
      #expect(await container.units.start(unit) == .queued)
      let entries = try await container.entries(1, after: start, "UNIT=\(unit)")
      #expect(
        entries.map(\.message) == [
          "Reached target mcastd-state@nothing.target - State nothing of a rule of mcastd."
        ])
      #expect(await container.units.stop(unit) == .queued)
    }

    @Test("a masked target and one without a template are refused as that")
    func refused() async throws {
      let container = try Container.current
      let (units, unit) = (container.units, try StateUnit(state: "forbidden", instance: nil))
      try await container.systemctl("mask", "--runtime", unit.name)
      #expect(await units.start(unit) == .refused(.masked))
      #expect(try await units.state(of: unit).loadState == "masked")
      try await container.systemctl("unmask", "--runtime", unit.name)
      #expect(await units.start(unit) == .queued)
      #expect(await units.stop(unit) == .queued)

      let template = "/usr/lib/systemd/system/mcastd-state@.target"
      try await container.run("mv", template, "/root").checked()
      try await container.systemctl("daemon-reload")
      #expect(await units.start(try StateUnit(state: "nothing", instance: nil)) == .refused(.noSuchUnit))
      try await container.run("mv", "/root/mcastd-state@.target", template).checked()
      try await container.systemctl("daemon-reload")
    }

    @Test("a bus that is restarted is there again for the next call")
    func restartedBus() async throws {
      let container = try Container.current
      let (units, unit) = (container.units, try StateUnit(state: "bus", instance: nil))
      #expect(await units.start(unit) == .queued)
      try await container.systemctl("restart", "dbus.service")
      try await eventually("a call on the new bus") { await units.stop(unit) == .queued ? true : nil }
      try await container.systemctl("stop", "dbus.socket", "dbus.service")
      #expect(await units.start(unit) == .refused(.unreachable(errno: ECONNREFUSED)))
      try await container.systemctl("start", "dbus.socket")
      #expect(await units.start(unit) == .queued)
      #expect(await units.stop(unit) == .queued)
    }

    /// As the daemon asks, but by hand: `busctl` as this user.
    private func ask(_ method: String, _ unit: String, as user: String) async throws -> Output {
      try await Container.current.run(
        "setpriv", "--reuid=\(user)", "--clear-groups", "--regid=nogroup", "busctl", "call",
        "--allow-interactive-authorization=no", "org.freedesktop.systemd1", "/org/freedesktop/systemd1",
        "org.freedesktop.systemd1.Manager", method, "ss", unit, "replace")
    }

    @Test("polkit allows the user mcastd to start and stop targets of states, and nothing else to anybody")
    func permission() async throws {
      for method in ["StartUnit", "StopUnit"] {
        let output = try await ask(method, "mcastd-state@a-1.target", as: "mcastd")
        #expect(output.succeeded, "\(output)")
        #expect(try await !ask(method, "mcastd-state@a-1.target", as: "nobody").succeeded)
      }
      for method in ["RestartUnit", "ReloadUnit", "TryRestartUnit", "ReloadOrRestartUnit"] {
        #expect(try await !ask(method, "mcastd-state@a-1.target", as: "mcastd").succeeded, "\(method)")
      }
      let others = [
        "mcastd.service", "rescue.target", "mcastd-state@.target", "mcastd-state@A.target",
        "mcastd-state@a.service", "xmcastd-state@a.target", "mcastd-state@a.b.target",
        "mcastd-state@a\\x2f.target", "mcastd-state@a.target.mount",
      ]
      for unit in others {
        #expect(try await !ask("StartUnit", unit, as: "mcastd").succeeded, "\(unit)")
      }
    }

    private final class Told: Sendable {
      private let entries = Mutex<[EventEntry]>([])

      var all: [EventEntry] { entries.withLock { $0 } }

      func take(_ event: Event) {
        if let entry = EventCatalogue.entry(of: event) { entries.withLock { $0.append(entry) } }
      }
    }

    @Test("an outlet adopts what is active, follows transitions, and fights no operator")
    func outlet() async throws {
      let container = try Container.current
      for state in ["one", "two"] { try await container.enableAction(for: state) }
      try await container.systemctl("start", "mcastd-state@one.target")
      let (told, runtime) = (Told(), try TemporaryDirectory())
      let outlet = StateOutlet(instance: nil, directory: runtime.path, units: container.units) {
        told.take($0)
      }
      #expect(await outlet.adopt(["one", "two"]) == ["one": true, "two": false])
      outlet.follow(["one", "two"])
      outlet.set("one", isActive: true, rule: "one", at: Clocks.monotonic())
      outlet.set("two", isActive: true, rule: "two", at: Clocks.monotonic())
      await outlet.settle()
      try await container.actions(of: "two", are: ["on"])
      #expect(try await container.actions(of: "one") == ["on"])
      #expect(access("\(runtime.path)/states/active/one", F_OK) == 0)
      #expect(try await outlet.target(of: "two").1.wanted == ["action-two.service"])

      // Stopped by hand: until the state is entered again.
      try await container.systemctl("stop", "mcastd-state@two.target")
      outlet.set("two", isActive: true, rule: "two", at: Clocks.monotonic())
      await outlet.settle()
      #expect(try await outlet.target(of: "two").1.activeState == "inactive")
      outlet.set("two", isActive: false, rule: "two", at: Clocks.monotonic())
      await outlet.settle()
      outlet.set("two", isActive: true, rule: "two", at: Clocks.monotonic())
      await outlet.settle()
      try await container.actions(of: "two", are: ["on", "off", "on"])

      // A rule that is gone.
      outlet.follow(["two"])
      await outlet.settle()
      try await container.actions(of: "one", are: ["on", "off"])

      try await container.systemctl("mask", "--runtime", "mcastd-state@two.target")
      outlet.set("two", isActive: false, rule: "two", at: Clocks.monotonic())
      await outlet.settle()
      outlet.set("two", isActive: true, rule: "two", at: Clocks.monotonic())
      await outlet.settle()
      #expect(told.all.map(\.kind) == [.targetRefused])
      #expect(told.all.first?.fields["MCAST_UNIT"] == "mcastd-state@two.target")
      try await container.systemctl("unmask", "--runtime", "mcastd-state@two.target")
    }
  }
}
