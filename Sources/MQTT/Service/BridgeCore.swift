// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Platform
import Synchronization

/// What the threads of the bridge share: the value that decides, what is known of both ends, and the
/// descriptor that wakes the broker's thread.
final class BridgeCore: Sendable {
  struct State {
    var bridge: Bridge
    /// Nil while there is one.
    var whyNoBroker: String? = "not connected yet"
    var whyNoDaemon: String? = "not connected yet"
    /// Whether an operator was told that the daemon is there, or that it is not; nil before either.
    var isDaemonTold: Bool?
    var isStopping = false
    /// The broker's thread was woken, and has not looked yet.
    fileprivate var isWoken = false
  }

  /// Threads that must not hang.
  enum Part: Int, CaseIterable {
    case broker
    case daemon
    case imports
  }

  let configuration: BridgeConfiguration
  private let state: Mutex<State>
  private let importTable: Mutex<ImportTable>
  private let wakeUp: Descriptor
  private let importWakeUp: Descriptor
  private let stopping: Descriptor
  /// When each part showed that it does not hang.
  private let pulses: Mutex<[Int64]>

  init(_ configuration: BridgeConfiguration) {
    self.configuration = configuration
    state = Mutex(State(bridge: Bridge(configuration)))
    importTable = Mutex(ImportTable(configuration.imports))
    pulses = Mutex(Part.allCases.map { _ in Clocks.monotonic() })
    (wakeUp, importWakeUp, stopping) = (Self.event(), Self.event(), Self.event())
  }

  private static func event() -> Descriptor { Descriptor(eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))) }

  /// Readable when there is something for the broker's thread.
  var wake: Int32 { wakeUp.number }
  /// Readable from the moment when the bridge is to stop.
  var stop: Int32 { stopping.number }
  var isStopping: Bool { state.withLock { $0.isStopping } }

  /// Changes what is shared, and wakes the broker's thread where there is something to publish then.
  func change<Result: Sendable>(_ body: (inout State) -> Result) -> Result {
    let (result, wakes) = state.withLock { state in
      let result = body(&state)
      let wakes = !state.isWoken && (state.bridge.hasNext || state.isStopping)
      state.isWoken = state.isWoken || wakes
      return (result, wakes)
    }
    if wakes { eventfd_write(wake, 1) }
    return result
  }

  /// The broker's thread looks at what there is.
  func look<Result: Sendable>(_ body: (inout State) -> Result) -> Result {
    var count: eventfd_t = 0
    eventfd_read(wake, &count)
    return state.withLock { state in
      state.isWoken = false
      return body(&state)
    }
  }

  // MARK: Imports

  func imports<Result: Sendable>(_ body: (inout ImportTable) -> Result) -> Result {
    importTable.withLock { body(&$0) }
  }

  /// Takes a message of the broker's, and wakes the thread that sets readings.
  func take(_ topic: String, _ payload: [UInt8], isRetained: Bool) {
    imports { $0.take(topic, payload, isRetained: isRetained, at: Clocks.monotonic()) }
    eventfd_write(importWakeUp.number, 1)
  }

  /// Waits for a message, or the end.
  func waitForImports(atMost limit: Duration) {
    Poll.wait(for: POLLIN, on: [importWakeUp.number, stop], atMost: limit)
    var count: eventfd_t = 0
    eventfd_read(importWakeUp.number, &count)
  }

  func end() {
    // Whoever is woken by it finds it so.
    change { $0.isStopping = true }
    eventfd_write(stop, 1)
  }

  // MARK: Pulses

  func isAlive(_ part: Part) { pulses.withLock { $0[part.rawValue] = Clocks.monotonic() } }

  /// Whether each of them showed within this time that it does not hang.
  func areAlive(within limit: Duration) -> Bool {
    pulses.withLock { $0.allSatisfy { Clocks.elapsed(since: $0) < limit.nanoseconds } }
  }

  // MARK: Status

  /// STATUS=.
  var status: String {
    let (count, broker, daemon) = state.withLock { ($0.bridge.count, $0.whyNoBroker, $0.whyNoDaemon) }
    let first =
      broker.map { "Not connected to \(configuration.broker): \($0)" }
      ?? "Connected to \(configuration.broker), \(count) topics"
    return first + (daemon.map { ". No daemon: \($0)" } ?? "")
  }
}
