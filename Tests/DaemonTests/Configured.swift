// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization
import TestSupport
import Testing

@testable import Daemon
@testable import Journal
@testable import Monitor
@testable import Multicast
@testable import Platform
@testable import Settings

extension Settings {
  /// Settings with these values and otherwise defaults, without a look at the machine's own configuration.
  static func with(_ values: [Key: String] = [:]) throws -> Settings {
    try load(SettingsSources(arguments: values, standardFile: "/nonexistent/mcastd.conf"))
  }
}

extension Settings.Log {
  /// Room for everything, and no budget.
  static let everything = Settings.Log(
    rate: 0, burst: 0, own: true, heartbeats: .yes, queue: 8 << 20, level: .info)
}

extension Monitor.Configuration {
  /// Listens to a group, at one beat a second.
  static func of(_ group: Endpoint) -> Self {
    Self(group: group, capacity: 16, expected: [], sources: [], interval: 1_000_000_000)
  }
}

/// Keeps the daemon's own messages for the test.
final class RecordedEvents: Sendable {
  private let records = Mutex<[LogRecord]>([])

  var all: [LogRecord] { records.withLock { $0 } }

  var log: EventLog { EventLog(level: .info) { record in self.records.withLock { $0.append(record) } } }

  /// With a stream that nobody called for.
  var reporter: EventReporter { EventReporter(journal: log, stream: EventStream()) }

  func of(_ kind: MessageKind) -> [LogRecord] {
    all.filter { $0.kind == kind }
  }
}

extension LogRecord {
  func field(_ name: String) -> String? { fields.first { $0.name.text == name }?.value }
}

extension Endpoint {
  private static let count = Atomic(UInt64(0))

  /// A group of this test's own, with a port that is free.
  static func ownGroup() throws -> Endpoint {
    let number = count.add(1, ordering: .relaxed).newValue
    let low = 0xefff_0000 | UInt64(getpid() & 0xff) << 8 | (number & 0xff)
    let probe = try OwnedSocket(.ipv4)
    let any = Endpoint(IPAddress(family: .ipv4, high: 0, low: 0x7f00_0001), port: 0)
    let isBound = any.withSockaddr { bind(probe.descriptor, $0, $1) } == 0
    let local = probe.localEndpoint
    try #require(isBound)
    return Endpoint(IPAddress(family: .ipv4, high: 0, low: low), port: try #require(local).port)
  }
}
