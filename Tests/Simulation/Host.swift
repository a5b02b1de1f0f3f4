// SPDX-License-Identifier: Apache-2.0

import Daemon
import Platform

/// A host: what outlives a process of the daemon.
final class Host {
  let number: Int
  let plan: Scenario.HostPlan
  /// The numbers of its ports in the world.
  let ports: Range<Int>
  var clock: HostClock
  var socket: SimulatedSocket?
  var process: DaemonProcess?
  /// Processes that were started.
  var generation = 0
  /// Until when no process runs, though one is there, in simulated nanoseconds.
  var stalledUntil: Int64 = .min

  /// Of its heartbeats, in nanoseconds.
  var interval: Int64
  /// Whether the service manager keeps the socket of a process that crashes.
  var keepsSocket = true

  // MARK: The runtime directory

  /// Until when files may not be as they should: what could not be written is repaired a slice at a time.
  var filesDoubtfulUntil: Int64 = .min

  let folders = SimulatedFolders()
  /// peers.json.
  var checkpoint: [UInt8]?
  /// Drops of the socket that were counted.
  var countedDrops: UInt32 = 0

  init(number: Int, plan: Scenario.HostPlan, ports: Range<Int>) {
    self.number = number
    self.plan = plan
    self.ports = ports
    interval = plan.interval
    clock = HostClock(boot: plan.boot, drift: plan.drift)
  }
}
