// SPDX-License-Identifier: Apache-2.0

import CSystemd
import Dispatch
import Glibc
import Platform

/// A connection to the system bus with asynchronous calls. It never waits: connecting and greeting go on in
/// the background, and calls are sent when they are done. To be used on its queue only.
final class BusConnection {
  /// A call that waits for its answer. libsystemd has it unretained, as long as it is in `calls`.
  private final class Call {
    unowned let connection: BusConnection
    let limit: Duration
    /// Nanoseconds of CLOCK_MONOTONIC.
    let deadline: Int64
    let complete: (borrowing BusMessage) -> Void
    let fail: (UnitRefusal) -> Void
    var slot: OpaquePointer?

    init(
      on connection: BusConnection, within limit: Duration,
      complete: @escaping (borrowing BusMessage) -> Void,
      fail: @escaping (UnitRefusal) -> Void
    ) {
      (self.connection, self.limit, self.complete, self.fail) = (connection, limit, complete, fail)
      deadline = Clocks.monotonic() + limit.nanoseconds
    }

    func release() {
      sd_bus_slot_unref(slot)
      slot = nil
    }
  }

  private let bus: OpaquePointer
  private var polled: PolledDescriptor?
  private var timer: DeadlineTimer?
  private var calls: [ObjectIdentifier: Call] = [:]
  /// Calls that were answered; libsystemd uses their slots until it returns.
  private var answered: [Call] = []
  private(set) var isOpen = true

  /// - Parameters:
  ///   - address: Of D-Bus; nil for the system's bus.
  ///   - poll: Waits for the socket, on the queue.
  /// - Throws: `UnitRefusal.unreachable`.
  init(address: String?, on poll: DescriptorPoll, queue: DispatchQueue) throws(UnitRefusal) {
    let bus = try Self.open(address)
    // A duplicate: libsystemd closes its own.
    let duplicate = fcntl(sd_bus_get_fd(bus), F_DUPFD_CLOEXEC, 0)
    guard duplicate >= 0 else {
      let failure = errno
      sd_bus_close_unref(bus)
      throw .unreachable(errno: failure)
    }
    self.bus = bus
    polled = PolledDescriptor(
      on: poll, Descriptor(duplicate), onReadable: { [weak self] in self?.process() },
      onWritable: { [weak self] in self?.process() })
    timer = DeadlineTimer(queue: queue) { [weak self] in
      self?.process()
      self?.giveUp(at: Clocks.monotonic())
    }
    process()
  }

  deinit { close(.disconnected) }

  private static func open(_ address: String?) throws(UnitRefusal) -> OpaquePointer {
    var bus: OpaquePointer?
    var result: Int32
    if let address {
      result = sd_bus_new(&bus)
      if result >= 0 { result = sd_bus_set_address(bus, address) }
      if result >= 0 { result = sd_bus_set_bus_client(bus, 1) }
      if result >= 0 { result = sd_bus_start(bus) }
    } else {
      result = sd_bus_open_system(&bus)
    }
    guard result >= 0, let bus else {
      sd_bus_unref(bus)
      throw .unreachable(errno: -result)
    }
    return bus
  }

  /// Makes a call. One of the two functions is called later, once, on the queue, unless this throws.
  ///
  /// - Parameters:
  ///   - limit: After it the call fails with `noAnswer`.
  ///   - write: Makes the message.
  ///   - complete: Gets the answer, an error of D-Bus included.
  /// - Throws: `UnitRefusal`, where it cannot be sent.
  func call(
    within limit: Duration, _ write: (OpaquePointer) throws(UnitRefusal) -> BusMessage,
    complete: @escaping (borrowing BusMessage) -> Void, fail: @escaping (UnitRefusal) -> Void
  ) throws(UnitRefusal) {
    guard isOpen else { throw .unreachable(errno: ENOTCONN) }
    let message = try write(bus)
    let call = Call(on: self, within: limit, complete: complete, fail: fail)
    let result = sd_bus_call_async(
      bus, &call.slot, message.message, Self.onReply, Unmanaged.passUnretained(call).toOpaque(), .max)
    guard result >= 0 else { throw .unreachable(errno: -result) }
    calls[ObjectIdentifier(call)] = call
    timer?.set(call.deadline)
    process()
  }

  private static let onReply: sd_bus_message_handler_t = { message, data, _ in
    guard let message, let data else { return 0 }
    let call = Unmanaged<Call>.fromOpaque(data).takeUnretainedValue()
    guard call.connection.calls.removeValue(forKey: ObjectIdentifier(call)) != nil else { return 0 }
    call.connection.answered.append(call)
    call.complete(BusMessage(borrowing: message))
    return 0
  }

  private func giveUp(at now: Int64) {
    for call in calls.values where call.deadline <= now {
      guard calls.removeValue(forKey: ObjectIdentifier(call)) != nil else { continue }
      call.release()
      call.fail(.noAnswer(within: call.limit))
      // A bus that does not even greet us is opened anew for the next call.
      if isOpen, sd_bus_is_ready(bus) <= 0 { close(.unreachable(errno: ETIMEDOUT)) }
    }
    timer?.set(calls.values.map(\.deadline).min())
  }

  private func process() {
    guard isOpen else { return }
    var result: Int32
    repeat { result = sd_bus_process(bus, nil) } while result > 0
    for call in answered { call.release() }
    answered = []
    guard result >= 0, sd_bus_is_open(bus) > 0 else {
      return close(result < 0 && sd_bus_is_ready(bus) <= 0 ? .unreachable(errno: -result) : .disconnected)
    }
    watch()
  }

  /// Waits for what libsystemd waits for (sd_bus_get_fd(3)).
  private func watch() {
    let events = sd_bus_get_events(bus)
    polled?.setReading(events & Int32(POLLIN) != 0)
    polled?.setWriting(events & Int32(POLLOUT) != 0)
    var microseconds = UInt64.max
    if sd_bus_get_timeout(bus, &microseconds) >= 0, microseconds < UInt64(Int64.max / 1000) {
      timer?.set(Int64(microseconds) * 1000)
    }
  }

  /// - Parameter refusal: Of the calls that wait for an answer.
  private func close(_ refusal: UnitRefusal) {
    guard isOpen else { return }
    isOpen = false
    polled?.cancel()
    (polled, timer) = (nil, nil)
    let failed = calls.values
    calls = [:]
    for call in failed { call.release() }
    sd_bus_close_unref(bus)
    for call in failed { call.fail(refusal) }
  }
}
