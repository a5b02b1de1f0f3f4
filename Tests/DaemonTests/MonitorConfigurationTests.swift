// SPDX-License-Identifier: Apache-2.0

import Glibc
import Liveness
import Testing

@testable import Daemon
@testable import Monitor
@testable import Platform
@testable import Settings

struct MonitorConfigurationTests {
  /// The zone belongs to the process.
  @Test("a configuration has the zone of the payloads as it is now")
  func zone() async {
    await #expect(processExitsWith: .success) {
      setenv("TZ", "UTC-9", 1)
      let offsets = try ["local", "utc"].map { zone in
        try Monitor.Configuration(.with([.timestamp: zone])).zoneOffset
      }
      #expect(offsets == [9 * 3_600_000_000, 0])
    }
  }

  @Test("a configuration has the false alarms that are allowed")
  func falseAlarms() throws {
    #expect(try Monitor.Configuration(.with()).falseAlarms == .standard)
    #expect(
      try Monitor.Configuration(.with([.peersFalseAlarms: "0.5/d"])).falseAlarms == FalseAlarmRate("0.5/d"))
  }

  @Test("without receiving there is no group")
  func group() throws {
    let group = Endpoint(IPAddress(family: .ipv4, high: 0, low: 0xef01_0101), port: 5001)
    #expect(try Monitor.Configuration(.with()).group == group)
    #expect(try Monitor.Configuration(.with([.subscribeEnabled: "no"])).group == nil)
  }
}
