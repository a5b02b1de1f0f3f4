// SPDX-License-Identifier: Apache-2.0

/// Three hosts with a UPS and two racks with fans and a thermometer on one wire, with keys without which
/// nothing counts. The racks act by the example of the fans.
struct MissionHosts: Sendable {
  private(set) var supplies: [UPSHost] = []
  private(set) var racks: [Rack] = []

  /// A host that has a temperature in a file, and fans to switch.
  struct Rack: Sendable {
    let name: String
    let container: Container

    private static let file = "/run/room/temp.inlet"
    static let fans = "fans-off"

    /// What `for=` and `release-for=` are, in microseconds.
    static let (holdsFor, releasesFor): (Int64, Int64) = (2_000_000, 1_000_000)

    fileprivate static func with<T>(
      _ host: NetworkNamespace, name: String, _ body: (Rack) async throws -> T
    ) async throws -> T {
      let package = try await DebianPackage.current.value
      return try await Container.running(network: .namespace(host)) { container in
        try await container.write(
          "name=\(name)\nreadings.expire=1h\n", to: "/etc/mcastd/mcastd.conf.d/50-test.conf")
        try await container.install(package)
        let rack = Rack(name: name, container: container)
        try await rack.setTemperature("22C")
        let script = "#!/bin/sh\necho \"$1\" >>/run/\(fans).log\n"
        try await container.write(script, to: "/usr/local/sbin/fans")
        try await container.write("", to: "/run/\(fans).log")
        let prepare = """
          chmod 755 /usr/local/sbin/fans && mkdir -p /etc/mcastd/readings.d && \
          ln -s \(file) /etc/mcastd/readings.d/temp.inlet
          """
        try await container.run("sh", "-c", prepare).checked()
        try await requireKeys(container)
        return try await body(rack)
      }
    }

    func setTemperature(_ value: String) async throws {
      try await container.write("\(value)\n", to: Self.file + ".new")
      try await container.run("mv", Self.file + ".new", Self.file).checked()
    }

    fileprivate func act() async throws {
      try await container.installExample(
        Self.fans, spans: [("for=10s", "for=2s"), ("release-for=5s", "release-for=1s")],
        units: ["fans-off.service"], enabled: "fans-off.service")
    }

    /// Waits until the fans were switched like this, from the start on.
    func fans(are wanted: [String]) async throws {
      try await container.actions(of: Self.fans, are: wanted, within: .seconds(20))
    }

    /// Waits until it has heard from all hosts what they say.
    fileprivate func hearsAll() async throws {
      for host in 1...3 { try await container.hears("ups\(host)", say: "ups.status=OL") }
      for host in 1...2 { try await container.hears("rack\(host)", say: "temp.inlet=22C") }
    }
  }

  /// Boots all of them for the time of `body`, which begins when each rack knows what all hosts say.
  static func running(_ body: (MissionHosts) async throws -> Void) async throws {
    try await Bridge.with(hosts: 5) { try await MissionHosts().extend($0.hosts[...], body) }
  }

  private func extend(
    _ rest: ArraySlice<NetworkNamespace>, _ body: (MissionHosts) async throws -> Void
  ) async throws {
    guard let host = rest.first else {
      for rack in racks { try await rack.act() }
      for rack in racks { try await rack.hearsAll() }
      return try await body(self)
    }
    var extended = self
    if supplies.count < 3 {
      try await UPSHost.with(host, name: "ups\(supplies.count + 1)") {
        try await Self.requireKeys($0.container)
        extended.supplies.append($0)
        try await extended.extend(rest.dropFirst(), body)
      }
    } else {
      try await Rack.with(host, name: "rack\(racks.count + 1)") {
        extended.racks.append($0)
        try await extended.extend(rest.dropFirst(), body)
      }
    }
  }

  private static func requireKeys(_ container: Container) async throws {
    try await container.requireKeys()
    try await container.systemctl("restart", "mcastd")
  }

  /// The driver of each UPS has it at once, and NUT tells mcastd within two seconds.
  func setMains(_ status: String) async throws {
    for supply in supplies { try await supply.set(status: status) }
  }
}
