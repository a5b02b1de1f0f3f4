// SPDX-License-Identifier: Apache-2.0

/// Cables that are plugged and pulled while a test runs.
extension Bridge {
  /// Lays a cable from the bridge to a host, as ``with(hosts:snooping:_:)`` does at the start.
  ///
  /// - Parameters:
  ///   - port: the bridge's end.
  ///   - address: with its prefix length; nil for none.
  func plug(_ host: NetworkNamespace, port: String, address: String?, interface: String = "eth0") async throws
  {
    try await namespace.batch(
      "link add \(port) type veth peer name \(interface) netns \(host.name)", "link set \(port) master br0 up"
    )
    let number = address.map { ["address add \($0) dev \(interface)"] } ?? []
    try await host.batch(number + ["link set \(interface) up"])
  }

  /// The bridge's end of a cable loses its plug, and the host its carrier; or gets it back.
  func setCarrier(_ isThere: Bool, port: String) async throws {
    try await namespace.ip("link", "set", port, isThere ? "up" : "down")
  }
}

extension NetworkNamespace {
  /// Several commands of ip(8), one after the other, in one process: closer together than processes can be.
  func batch(_ commands: String...) async throws { try await batch(commands) }

  func batch(_ commands: [String]) async throws {
    let input = commands.map { $0 + "\n" }.joined()
    try await ChildProcess.run(["ip", "-n", name, "-batch", "-"], input: Array(input.utf8)).checked()
  }

  /// Starts the daemon on this host in the foreground.
  func daemon<T>(
    _ options: String..., environment: [String: String] = [:], _ body: (ChildProcess) async throws -> T
  ) async throws -> T {
    try await ChildProcess.running(
      ["ip", "netns", "exec", name, Repository.binary, "run"] + options, environment: environment, body)
  }
}

extension ChildProcess {
  /// How long it takes from now until two more lines with `text` are there: the first may be of before.
  func timeToHear(_ text: String, within limit: Duration = .seconds(5)) async throws -> Duration {
    let before = lines.filter { $0.contains(text) }.count
    return try await ContinuousClock().measure {
      try await lines(before + 2, within: limit) { $0.contains(text) }
    }
  }

  /// Waits for a line on standard error, where events are told.
  @discardableResult
  func event(
    after position: Int = 0, within limit: Duration = .seconds(10), _ isWanted: (String) -> Bool
  ) async throws -> String {
    func unmet() -> String {
      (["an event of \(arguments.joined(separator: " ")), which said:"] + errorLines.suffix(20))
        .joined(separator: "\n")
    }
    return try await eventually(unmet(), within: limit) {
      errorLines.dropFirst(position).first(where: isWanted)
    }
  }

  /// The lines on standard error so far that contain a text.
  func events(with text: String) -> [String] { errorLines.filter { $0.contains(text) } }

  /// A line of proc_pid_status(5) in KiB.
  func memory(_ name: String) throws -> Int {
    let line = SystemTestsLines.of("/proc/\(processIdentifier)/status").first { $0.hasPrefix("\(name):") }
    guard let number = line?.firstMatch(of: /(\d+) kB/)?.1, let kibibytes = Int(number) else {
      throw NeverHappened(description: "no \(name) of \(arguments)")
    }
    return kibibytes
  }

  var openDescriptors: Int { entries(of: "/proc/\(processIdentifier)/fd").count }
}

/// `lines(of:)`, where a member of that name hides it.
private enum SystemTestsLines {
  static func of(_ path: String) -> [String] { lines(of: path) }
}
