// SPDX-License-Identifier: Apache-2.0

import CSystemd
import Glibc
import Platform

/// Starts and stops the targets of states, and asks what they are, by org.freedesktop.systemd1 on the system
/// bus. On a queue of its own, where nothing waits. The bus is opened for the first call, and again for the
/// next one after it went away.
package actor UnitControl {
  package nonisolated let executor = QueueExecutor(label: "mcastd.units")
  package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  /// How long a call may take, unless told.
  package static let usualLimit = Duration.seconds(5)

  private let address: String?
  private var poll: DescriptorPoll?
  private var connection: BusConnection?

  /// What became of a call.
  package enum Answer: Hashable, Sendable {
    /// systemd does it; that it is done is not waited for.
    case queued
    case refused(UnitRefusal)
  }

  /// - Parameter address: Of D-Bus, as in DBUS_SYSTEM_BUS_ADDRESS; nil for the system's bus.
  package init(address: String? = nil) { self.address = address }

  /// Starts a target; one that is active already, and what it wants, is started where it failed.
  package func start(_ unit: StateUnit) async -> Answer { await change("StartUnit", unit) }

  /// Stops a target.
  package func stop(_ unit: StateUnit) async -> Answer { await change("StopUnit", unit) }

  private func change(_ method: String, _ unit: StateUnit) async -> Answer {
    do throws(UnitRefusal) {
      try await call { bus throws(UnitRefusal) in
        let message = try BusMessage(to: bus, method)
        try message.append(unit.name)
        try message.append("replace")
        return message
      } read: { _ in
        // The path of the job.
      }
      return .queued
    } catch {
      return .refused(error)
    }
  }

  /// What systemd says of a target. Reading needs no permission.
  ///
  /// - Throws: `UnitRefusal`.
  package func state(of unit: StateUnit) async throws(UnitRefusal) -> UnitState {
    var path: UnsafeMutablePointer<CChar>?
    let result = sd_bus_path_encode("/org/freedesktop/systemd1/unit", unit.name, &path)
    guard result >= 0, let path else { throw .unreachable(errno: -result) }
    defer { free(path) }
    let object = String(cString: path)
    return try await call { bus throws(UnitRefusal) in
      let message = try BusMessage(
        to: bus, path: object, interface: "org.freedesktop.DBus.Properties", "GetAll")
      try message.append("org.freedesktop.systemd1.Unit")
      return message
    } read: { answer in
      UnitState(properties: answer)
    }
  }

  /// Whether targets are active, by one call for all.
  ///
  /// - Returns: An entry for each target.
  /// - Throws: `UnitRefusal`.
  package func areActive(
    _ units: [StateUnit], within limit: Duration = usualLimit
  ) async throws(UnitRefusal) -> [String: Bool] {
    try await call(within: limit) { bus throws(UnitRefusal) in
      let message = try BusMessage(to: bus, "ListUnitsByNames")
      try message.append(units.map(\.name))
      return message
    } read: { answer in
      // name, description, load state, active state, sub state, followed unit, path, job, its type and path.
      let units = answer.array(of: "r", "ssssssouso") { () -> (String, Bool)? in
        guard let name = answer.string(), answer.skip("ss"), let state = answer.string(),
          answer.skip("ssouso")
        else { return nil }
        return (name, UnitState.isActive(state))
      }
      return units.map { Dictionary($0) { $1 } }
    }
  }

  // MARK: Calls

  /// - Parameters:
  ///   - write: Makes the message.
  ///   - read: Reads the answer; nil where it is not as it should be.
  private func call<Value: Sendable>(
    within limit: Duration = usualLimit, _ write: (OpaquePointer) throws(UnitRefusal) -> BusMessage,
    read: @escaping @Sendable (borrowing BusMessage) -> Value?
  ) async throws(UnitRefusal) -> Value {
    let result = await withCheckedContinuation {
      (continuation: CheckedContinuation<Result<Value, UnitRefusal>, Never>) in
      do throws(UnitRefusal) {
        try open().call(within: limit, write) { answer in
          if let error = answer.error() {
            let refusal = UnitRefusal(name: error.name, message: error.message, within: limit)
            return continuation.resume(returning: .failure(refusal))
          }
          let value = read(answer)
          continuation.resume(returning: value.map { .success($0) } ?? .failure(.unreadable))
        } fail: { refusal in
          continuation.resume(returning: .failure(refusal))
        }
      } catch {
        continuation.resume(returning: .failure(error))
      }
    }
    return try result.get()
  }

  private func open() throws(UnitRefusal) -> BusConnection {
    if let connection, connection.isOpen { return connection }
    if poll == nil {
      do throws(EventLoopError) { poll = try DescriptorPoll(on: executor.queue) } catch {
        throw .unreachable(errno: error.errno)
      }
    }
    guard let poll else { throw .unreachable(errno: 0) }
    let connection = try BusConnection(address: address, on: poll, queue: executor.queue)
    self.connection = connection
    return connection
  }
}

extension UnitRefusal {
  /// An answer that is not what org.freedesktop.systemd1(5) says.
  fileprivate static let unreadable = UnitRefusal.other(
    name: "org.freedesktop.DBus.Error.InvalidSignature", message: "systemd's answer cannot be read.")
}

extension UnitState {
  /// - Parameter answer: Of GetAll, a dictionary of variants.
  fileprivate init?(properties answer: borrowing BusMessage) {
    var texts: [String: String] = [:]
    var wanted: Set<String> = []
    let entries: [Void]? = answer.array(of: "e", "sv") {
      switch answer.string() {
      case let name? where ["LoadState", "ActiveState"].contains(name):
        guard let text = answer.inside("v", "s", { answer.string() }) else { return nil }
        texts[name] = text
      case let name? where ["Wants", "Requires", "Upholds"].contains(name):
        guard let units = answer.inside("v", "as", { answer.strings() }) else { return nil }
        wanted.formUnion(units)
      case _?: if !answer.skip("v") { return nil }
      case nil: return nil
      }
      return ()
    }
    guard entries != nil, let load = texts["LoadState"], let active = texts["ActiveState"] else { return nil }
    self.init(loadState: load, activeState: active, wanted: wanted.sorted())
  }
}
