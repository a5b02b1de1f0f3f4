// SPDX-License-Identifier: Apache-2.0

import Testing

/// Two hosts with a UPS, and three that listen, on one wire. The listeners are no containers, which would
/// take as long again to boot: what they do is the same.
struct UPSHosts: Sendable {
  @TaskLocal fileprivate static var shared: UPSHosts?

  let bridge: Bridge
  private(set) var hosts: [UPSHost] = []
  private(set) var listeners: [ReadingListener] = []

  /// Those of the suite that runs (``RunsUPSHosts``).
  ///
  /// - Throws: ``NeverHappened`` in a suite without `.upsHosts`.
  static var current: UPSHosts {
    get throws {
      guard let shared else { throw NeverHappened(description: "this suite has no hosts with a UPS") }
      return shared
    }
  }

  fileprivate static func running(_ body: (UPSHosts) async throws -> Void) async throws {
    try await Bridge.with(hosts: 5) { try await UPSHosts(bridge: $0).extend(body) }
  }

  private func extend(_ body: (UPSHosts) async throws -> Void) async throws {
    let place = hosts.count + listeners.count
    guard place < bridge.hosts.count else { return try await body(self) }
    var extended = self
    if place < 2 {
      try await UPSHost.with(bridge.hosts[place], name: "ups\(place + 1)") {
        extended.hosts.append($0)
        try await extended.extend(body)
      }
    } else {
      try await ReadingListener.with(bridge.hosts[place], name: "rack\(place - 1)") {
        extended.listeners.append($0)
        try await extended.extend(body)
      }
    }
  }

  /// Waits until every listener knows that every UPS is on line.
  func online() async throws {
    for host in hosts { try await host.set(status: "OL") }
    for host in hosts {
      for listener in listeners {
        try await listener.knows("ups.status", of: host.name, within: .seconds(30)) { $0.isGood("OL") }
      }
    }
  }

  /// Where each listener is.
  var positions: [Int] { listeners.map(\.position) }

  /// Waits until every listener is told of a reading.
  ///
  /// - Parameter positions: where the waits begin.
  /// - Returns: when the last one was, in microseconds of CLOCK_REALTIME.
  func told(
    _ key: String = "ups.status", of host: UPSHost, after positions: [Int],
    within limit: Duration = .seconds(10),
    where isWanted: @escaping @Sendable (ReadingListener.Told) -> Bool
  ) async throws -> Int64 {
    var last: Int64 = 0
    for (listener, position) in zip(listeners, positions) {
      let told = try await listener.told(key, of: host.name, after: position, within: limit, where: isWanted)
      last = max(last, told.timeUsec)
    }
    return last
  }
}

/// Has them for all tests of a suite, which find them as ``UPSHosts/current``.
struct RunsUPSHosts: SuiteTrait, TestScoping {
  func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    try await UPSHosts.running { hosts in
      try await UPSHosts.$shared.withValue(hosts) { try await function() }
    }
  }
}

extension Trait where Self == RunsUPSHosts {
  static var upsHosts: Self { Self() }
}
