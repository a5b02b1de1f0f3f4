// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Testing

extension SystemTests {
  /// The package of the bridge as an operator has it: installed beside mcastd, and started by systemd in its
  /// sandbox.
  @Suite("the package of the bridge on Debian 12 and 13", .package)
  struct BridgePackageTests {
    @Test(
      "it is off, does both ways in its sandbox once it is started, and is gone with its package",
      arguments: DebianRelease.tested)
    func life(release: DebianRelease) async throws {
      let container = try Container.packaged(on: release)
      try await container.installBridge(try await DebianPackage.current.value)
      #expect(try await container.run("systemctl", "is-enabled", "mcastd-mqtt").lines == ["disabled"])
      #expect(try await container.run("systemctl", "is-active", "mcastd-mqtt").lines == ["inactive"])
      let unit = "/usr/lib/systemd/system/mcastd-mqtt.service"
      let verified = try await container.run("systemd-analyze", "verify", "--man=no", unit)
      #expect(verified.succeeded && verified.text + verified.errorText == "", "\(verified)")
      let security = try await container.run(
        "systemd-analyze", "security", "--no-pager", "--threshold=15", "mcastd-mqtt.service")
      #expect(security.succeeded, "\(security)")
      for page in ["mcastd-mqtt", "mcastd-mqtt.conf"] {
        let output = try await container.run("man", "--warnings", page, environment: ["PAGER": "cat"])
          .checked()
        #expect(output.errorText == "")
      }
      let share = "/usr/share"
      let bash = "source \(share)/bash-completion/completions/mcastd-mqtt && complete -p mcastd-mqtt"
      #expect(try await container.run("bash", "-c", bash).succeeded)
      for file in ["zsh/vendor-completions/_mcastd-mqtt", "fish/vendor_completions.d/mcastd-mqtt.fish"] {
        #expect(try await container.run("test", "-s", "\(share)/\(file)").succeeded)
      }

      try await container.write("name=h1\n", to: "/etc/mcastd/mcastd.conf.d/name.conf")
      try await container.systemctl("reload", "mcastd")
      try await container.write(
        "[mqtt]\nhost=127.0.0.1\nsite=lab\n[import]\nprobe/x=temp.inlet C expire=1min\n",
        to: "/etc/mcastd/mqtt.conf")
      // The broker is absent at first.
      try await container.systemctl("start", "mcastd-mqtt")
      let refused = try await container.property("StatusText", of: "mcastd-mqtt") {
        $0.contains("connection refused")
      }
      #expect(refused.hasPrefix("Not connected to 127.0.0.1:1883: "))
      try await container.systemctl("start", "mosquitto")
      try await container.property("StatusText", of: "mcastd-mqtt", within: .seconds(20)) {
        $0.hasPrefix("Connected to 127.0.0.1:1883")
      }
      // From the topic to the daemon, whose group the bridge has, and by the daemon back to the broker.
      try await container.run("mosquitto_pub", "-h", "127.0.0.1", "-t", "probe/x", "-m", "21.5").checked()
      try await eventually("the reading is said") {
        let output = try await container.run("mcastd", "readings", "--json").checked()
        let readings = try JSONDecoder().decode(ReadingHost.Listing.self, from: Data(output.text.utf8))
          .readings
        return readings.contains { $0.key == "temp.inlet" && $0.value == "21.5C" && $0.quality == "good" }
          ? () : nil
      }
      let held = try await container.run(
        "mosquitto_sub", "-h", "127.0.0.1", "-t", "mcastd/lab/h1/temp.inlet", "-C", "1", "-W", "10")
      #expect(held.lines == ["21.5"], "\(held)")
      // One entry for each change, of a warning's priority where something is wrong.
      let entries = try await container.journal("--unit=mcastd-mqtt", "SYSLOG_IDENTIFIER=mcastd-mqtt")
      #expect(entries.count { $0.message.contains("connection refused") && $0["PRIORITY"] == "4" } == 1)
      #expect(
        entries.count { $0.message.contains("connected to 127.0.0.1:1883") && $0["PRIORITY"] == "6" } == 1)

      try await container.write("[mqtt]\nport=0\n", to: "/etc/mcastd/mqtt.conf")
      #expect(try await container.run("mcastd-mqtt", "check").status == .exited(78))
      #expect(try await !container.run("systemctl", "restart", "mcastd-mqtt").succeeded)
      let state = try await container.properties(of: "mcastd-mqtt", "ExecMainStatus", "ActiveState")
      #expect(state == ["ExecMainStatus": "78", "ActiveState": "failed"])

      try await container.write("[mqtt]\n", to: "/etc/mcastd/mqtt.conf")
      try await container.systemctl("start", "mcastd-mqtt")
      try await container.apt("remove", "mcastd-mqtt")
      #expect(try await container.run("pgrep", "--exact", "mcastd-mqtt").status == .exited(1))
      try await container.systemctl("stop", "mosquitto")
    }
  }
}
