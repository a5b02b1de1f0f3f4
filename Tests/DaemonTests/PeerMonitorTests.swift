// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import Daemon
@testable import Heartbeat
@testable import Platform

struct PeerMonitorTests {
  /// The zone belongs to the process.
  @Test("after a reload timestamps are read in the new zone")
  func zone() async {
    await #expect(processExitsWith: .success) {
      setenv("TZ", "UTC-9", 1)
      var monitor = PeerMonitor(
        capacity: 16, expected: [], interval: 1_000_000_000, zone: .local, runtime: nil, kept: nil,
        isGapless: false)
      let interface = monitor.liveness.number(of: "eth0")
      monitor.listen(on: [interface], awaited: nil, now: Clocks.monotonic())
      let source = Endpoint(IPAddress(family: .ipv4, high: 0, low: 0x0a00_0001), port: 5001)
      func offset(after seconds: Int64, in zone: TimestampZone) throws -> Int64 {
        let stamp = Clocks.realtime() + seconds * 1_000_000_000
        monitor.begin(now: Clocks.monotonic() + seconds * 1_000_000_000)
        let time = CivilTime(realtime: stamp, zone: zone)
        _ = monitor.liveness.heard(
          Heartbeat.Stamp(time: time), from: source, on: interface, received: stamp, .peer)
        return monitor.liveness.interfaces.reports(of: source.address).first?.offset ?? 0
      }
      _ = try offset(after: 0, in: .local)
      #expect(abs(try offset(after: 1, in: .local)) < 1_000_000)
      monitor.apply(capacity: 16, expected: [], interval: 1_000_000_000, sources: [], zone: .utc)
      #expect(abs(try offset(after: 2, in: .utc)) < 1_000_000)
      #expect(abs(try offset(after: 3, in: .local)) > 8 * 3_600_000_000)
    }
  }
}
