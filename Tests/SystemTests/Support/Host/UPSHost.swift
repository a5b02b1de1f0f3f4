// SPDX-License-Identifier: Apache-2.0

/// A host with a UPS that does not exist: NUT with its driver dummy-ups, mcastd from the package, and the
/// examples that bring one to the other, installed as they say.
struct UPSHost: Sendable {
  /// The host's name in heartbeats.
  let name: String
  let container: Container

  /// As upsc(8) takes it, and as the instance of `nut-readings@`.
  static let ups = "rack1@localhost"
  static let driver = "nut-driver@rack1.service"
  static let readings = "nut-readings@\(ups).service"
  /// A variable of NUT, and what becomes of it; the reading has the variable's name.
  struct Variable {
    var name: String
    var value: String
    var reading: String
  }

  /// All that become readings.
  static let variables = [
    Variable(name: "ups.status", value: "OL", reading: "OL"),
    Variable(name: "battery.charge", value: "100", reading: "100%"),
    Variable(name: "battery.runtime", value: "1080", reading: "1080s"),
    Variable(name: "ups.load", value: "023.4", reading: "023.4%"),
    Variable(name: "ups.temperature", value: "42.7", reading: "42.7C"),
    Variable(name: "input.voltage", value: "231.0", reading: "231.0V"),
  ]

  /// Boots one on a host of a ``Bridge`` for the time of `body`.
  static func with<T>(
    _ host: NetworkNamespace, name: String, _ body: (UPSHost) async throws -> T
  ) async throws -> T {
    let package = try await DebianPackage.current.value
    return try await Container.running(network: .namespace(host)) { container in
      let ups = UPSHost(name: name, container: container)
      try await container.write("name=\(name)\n", to: "/etc/mcastd/mcastd.conf.d/50-test.conf")
      try await container.install(package)
      try await ups.startNUT()
      try await ups.installExamples()
      return try await body(ups)
    }
  }

  private func startNUT() async throws {
    try await edit()
    let files = [
      "nut.conf": "MODE=standalone\n",
      "ups.conf": "[rack1]\ndriver = dummy-ups\nport = rack1.dev\n",
      "upsd.conf": "LISTEN 127.0.0.1 3493\n",
      "upsd.users": """
      [admin]
      password = secret
      actions = SET
      [monitor]
      password = secret
      upsmon primary

      """,
    ]
    for (name, text) in files { try await container.write(text, to: "/etc/nut/\(name)") }
    try await container.systemctl("start", "nut-driver-enumerator.service")
    try await container.systemctl("start", Self.driver, "nut-server")
    // WAIT until then.
    try await isKnown(status: "OL")
  }

  /// As the comments in the examples say.
  private func installExamples() async throws {
    // The time of the call goes first; EPOCHREALTIME is bash's.
    try await container.write(
      """
      #!/bin/bash
      echo "${EPOCHREALTIME/./} $NOTIFYTYPE" >>\(Self.calls)
      exec /usr/local/bin/nut-notify "$@"

      """, to: "/usr/local/bin/timed-notify")
    try await container.write(
      """
      MONITOR \(Self.ups) 0 monitor secret primary
      MINSUPPLIES 0
      SHUTDOWNCMD /bin/true
      NOTIFYCMD /usr/local/bin/timed-notify
      \(try settings())

      """, to: "/etc/nut/upsmon.conf")
    let install = """
      set -e
      chmod 755 /usr/local/bin/timed-notify
      cd /usr/share/doc/mcastd/examples
      install -m 755 nut-readings nut-notify /usr/local/bin
      install -m 644 nut-readings@.service /etc/systemd/system
      install -m 644 mcastd-readings.conf /etc/tmpfiles.d
      systemctl daemon-reload
      systemctl enable --now nut-readings@\(Self.ups)
      adduser --quiet nut mcastd
      systemd-tmpfiles --create mcastd-readings.conf
      """
    try await container.run("sh", "-c", install).checked()
  }

  /// The lines of upsmon.conf in the comment of `nut-notify`, but for the command.
  private func settings() throws -> String {
    let wanted = ["#   POLLFREQ", "#   NOTIFYFLAG"]
    return lines(of: Repository.path("/systemd/examples/nut-notify"))
      .filter { line in wanted.contains { line.hasPrefix($0) } }.map { $0.dropFirst(4) }
      .joined(separator: "\n")
  }
}

/// What happens to a UPS.
extension UPSHost {
  /// Changes the variable by upsrw(8), which waits until the driver has done it: it sleeps for a second in
  /// each of its rounds, and what waits there would undo an edit that it sees first.
  func set(status: String) async throws {
    try await container.run(
      "upsrw", "-w", "-t", "10", "-s", "ups.status=\(status)", "-u", "admin", "-p", "secret", Self.ups
    ).checked()
  }

  /// Writes the file that dummy-ups plays, which looks every two seconds whether it has another mtime, in
  /// seconds: it gets one, also within the second of the one before.
  func edit(status: String = "OL") async throws {
    let values = Self.variables.map { "\($0.name): \($0.name == "ups.status" ? status : $0.value)\n" }
    let file = "/etc/nut/rack1.dev"
    try await container.write(values.joined(), to: file + ".new")
    let replace = """
      last=$(stat --format=%Y \(file) 2>/dev/null || echo 0)
      now=$(date +%s)
      touch --date=@$((now > last ? now : last + 1)) \(file).new && mv \(file).new \(file)
      """
    try await container.run("sh", "-c", replace).checked()
  }

  /// Waits until upsd knows it.
  func isKnown(status: String) async throws {
    try await eventually("upsd knows that it is \(status)") {
      try await container.run("upsc", Self.ups, "ups.status").lines == [status] ? () : nil
    }
  }

  /// Loses what is sent to upsd, or no more.
  func setFirewall(_ isThere: Bool) async throws {
    let rules = "table inet cut {\n chain in { type filter hook input priority 0; tcp dport 3493 drop; }\n}\n"
    try await container.run(
      "nft", "-f", "-", input: Array((isThere ? rules : "delete table inet cut\n").utf8)
    ).checked()
  }

  func signal(_ signal: String, _ unit: String) async throws {
    try await container.systemctl("kill", "--signal=\(signal)", unit)
  }
}

/// What upsmon called.
extension UPSHost {
  private static let calls = "/tmp/nut-notify-calls"

  /// - Returns: when it called the command last for this, in microseconds of CLOCK_REALTIME.
  func lastCall(_ type: String) async throws -> Int64 {
    let lines = try await container.run("cat", Self.calls).checked().lines
    let call = lines.last { $0.hasSuffix(" \(type)") }?.split(separator: " ").first
    guard let time = call.flatMap({ Int64($0) }) else {
      throw NeverHappened(description: "upsmon did not call for \(type): \(lines)")
    }
    return time
  }
}
