// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Platform
import Synchronization
import Systemd

/// What systemd is told of the bridge, about once a second: READY=1 when the configuration is sound,
/// STATUS=, and WATCHDOG=1 while no thread hangs.
final class BridgeSupervisor: Sendable {
  private let core: BridgeCore
  private let service: Mutex<ServiceState>
  /// Nil without a watchdog.
  private let watchdog: Duration?

  init(_ core: BridgeCore) {
    self.core = core
    service = Mutex(
      ServiceState(ServiceNotifier()) { error in BridgeLog.write(.warning, "systemd is not told: \(error)") })
    do throws(SystemdError) {
      watchdog = try Watchdog.interval()
    } catch {
      watchdog = nil
      BridgeLog.write(.warning, "no watchdog: \(error)")
    }
  }

  /// Says READY=1, and goes on each second on this queue.
  func start(on queue: DispatchQueue) {
    service.withLock { $0.ready(core.status) }
    turn(on: queue)
  }

  func stop() {
    service.withLock { $0.stopping() }
    core.end()
  }

  private func turn(on queue: DispatchQueue) {
    service.withLock { service in
      service.show(core.status)
      // Within half of the interval: the other half is for this to be late.
      if let watchdog, core.areAlive(within: watchdog / 2) { service.isAlive() }
    }
    queue.asyncAfter(deadline: .now() + .seconds(1)) { self.turn(on: queue) }
  }
}
