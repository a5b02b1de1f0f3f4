// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// The replies to one call with `more`: given by any thread, in order, and sent as the caller reads them.
///
/// What the caller has not read is bounded: one that is too slow gets an error and is closed, and costs
/// nobody else anything. A stream stays open after its handler has returned, until ``finish(with:)``,
/// ``fail(_:)`` or the caller ends it. The last reply is sent when the handler has returned.
package final class VarlinkReplies: Sendable {
  /// What the server is to do next.
  enum Next {
    /// Send these bytes: replies, or a part of one.
    case bytes([UInt8])
    /// Wait for a wake-up.
    case nothing
    /// Send the last reply.
    case end(VarlinkOutcome)
  }

  private struct State {
    var waiting: [VarlinkContinuedReply] = []
    /// Bytes of `waiting[0]` that the server has taken.
    var taken = 0
    /// Bytes of `waiting` that the server has not taken.
    var bytes = 0
    var end: VarlinkOutcome?
    var isOverrun = false
    /// The server has taken the end, or the caller is gone.
    var isClosed = false
    /// The server has found nothing to do, so that what comes next has to wake it.
    var isAwaited = true
    var wake: (@Sendable () -> Void)?
    var onClose: [@Sendable () -> Void] = []
    var room: [CheckedContinuation<Void, Never>] = []

    var isOver: Bool { isClosed || end != nil }
  }

  /// Bytes that the server takes at once, at most.
  static let chunk = 65_536

  private let limit: Int
  private let state = Mutex(State())

  /// - Parameters:
  ///   - limit: for replies that wait, in bytes.
  ///   - wake: called on any thread when there is something to do. One call stands for all replies until the
  ///     server has taken them.
  init(limit: Int, wake: @escaping @Sendable () -> Void) {
    self.limit = limit
    state.withLock { $0.wake = wake }
  }

  // MARK: For the method

  /// Whether nothing more is sent: the stream has ended, or the caller is gone or too slow.
  package var isClosed: Bool { state.withLock { $0.isOver } }

  /// Sends a reply.
  ///
  /// - Returns: false where nothing more is sent. The caller is too slow where the replies that wait would
  ///   exceed the limit; a single reply of more than the limit is too long.
  @discardableResult
  package func send(_ reply: VarlinkContinuedReply) -> Bool {
    let (isOpen, wake) = state.withLock { state -> (Bool, (@Sendable () -> Void)?) in
      guard !state.isOver else { return (false, nil) }
      let size = reply.bytes.count
      guard size <= limit else { return (false, Self.end(&state, .refused(.replyTooLong))) }
      guard size <= limit - state.bytes else { return (false, Self.overrun(&state)) }
      let before = state.bytes
      state.waiting.append(reply)
      state.bytes += size
      // Also now and then while the caller does not read: the server bounds what all callers together take.
      let wakes = state.isAwaited || before / Self.chunk != state.bytes / Self.chunk
      state.isAwaited = false
      return (true, wakes ? state.wake : nil)
    }
    wake?()
    return isOpen
  }

  /// Sends a reply that is for this caller alone.
  ///
  /// - Returns: as of ``send(_:)-(VarlinkContinuedReply)``.
  @discardableResult
  package func send(_ parameters: VarlinkParameters) -> Bool { send(VarlinkContinuedReply(parameters)) }

  /// Sends the last reply, after all others. The caller may call another method then.
  ///
  /// - Parameter parameters: of the same form as those of all replies.
  package func finish(with parameters: VarlinkParameters) { end(.reply(parameters)) }

  /// Sends an error as the last reply, after all others. The caller may call another method then.
  package func fail(_ error: VarlinkError) { end(.error(error)) }

  /// Ends the stream because the caller is too slow: too much waits for it elsewhere.
  package func overrun() {
    let wake = state.withLock { Self.overrun(&$0) }
    wake?()
  }

  /// - Returns: as of `end`.
  private static func overrun(_ state: inout State) -> (@Sendable () -> Void)? {
    guard !state.isOver else { return nil }
    drop(&state)
    state.isOverrun = true
    return end(&state, .refused(.tooSlow))
  }

  /// Whether the server has taken all replies, or nothing more is sent.
  package var hasRoom: Bool { state.withLock { $0.waiting.isEmpty || $0.isOver } }

  /// Waits until the server has taken all replies: for a series that is made as it is read.
  ///
  /// - Returns: false where nothing more is sent.
  package func room() async -> Bool {
    await withCheckedContinuation { continuation in
      let waits = state.withLock { state in
        let waits = !state.waiting.isEmpty && !state.isOver
        if waits { state.room.append(continuation) }
        return waits
      }
      if !waits { continuation.resume() }
    }
    return !isClosed
  }

  /// Calls a closure once nothing more is sent: on the server's queue, where it must not block, or at once
  /// where that is so already. Never from within ``send(_:)-(VarlinkContinuedReply)``.
  package func onClose(_ body: @escaping @Sendable () -> Void) {
    let isOver = state.withLock { state in
      if !state.isOver { state.onClose.append(body) }
      return state.isOver
    }
    if isOver { body() }
  }

  /// Waits until nothing more is sent.
  package func closed() async {
    await withCheckedContinuation { continuation in onClose { continuation.resume() } }
  }

  private func end(_ outcome: VarlinkOutcome) {
    let wake = state.withLock { Self.end(&$0, outcome) }
    wake?()
  }

  /// - Returns: the wake-up, to be called without the lock. An end always has one, for `onClose`.
  private static func end(_ state: inout State, _ outcome: VarlinkOutcome) -> (@Sendable () -> Void)? {
    guard !state.isOver else { return nil }
    state.end = outcome
    return state.wake
  }

  /// Drops what waits, but for the rest of a reply whose beginning the server has.
  private static func drop(_ state: inout State) {
    guard let first = state.waiting.first, state.taken > 0 else {
      (state.waiting, state.bytes) = ([], 0)
      return
    }
    (state.waiting, state.bytes) = ([first], first.bytes.count - state.taken)
  }

  // MARK: For the server

  /// Bytes of replies that the server has not taken.
  var waitingBytes: Int { state.withLock { $0.bytes } }

  /// Whether the caller was too slow.
  var isOverrun: Bool { state.withLock { $0.isOverrun } }

  /// Tells the method of the end, once there is one.
  func announceEnd() {
    let (closing, room) = state.withLock { state in
      guard state.isOver else { return ([@Sendable () -> Void](), [CheckedContinuation<Void, Never>]()) }
      defer { (state.onClose, state.room) = ([], []) }
      return (state.onClose, state.room)
    }
    for body in closing { body() }
    for continuation in room { continuation.resume() }
  }

  /// Takes what is to be sent next, ``chunk`` bytes at most.
  ///
  /// - Parameter mayEnd: whether the end may be taken.
  func next(mayEnd: Bool) -> Next {
    let (next, room) = state.withLock { state -> (Next, [CheckedContinuation<Void, Never>]) in
      guard !state.isClosed else { return (.nothing, []) }
      guard state.waiting.isEmpty else {
        let bytes = Self.take(&state)
        guard state.waiting.isEmpty else { return (.bytes(bytes), []) }
        defer { state.room = [] }
        return (.bytes(bytes), state.room)
      }
      if mayEnd, let end = state.end {
        (state.isClosed, state.wake) = (true, nil)
        return (.end(end), [])
      }
      state.isAwaited = true
      return (.nothing, [])
    }
    for continuation in room { continuation.resume() }
    return next
  }

  private static func take(_ state: inout State) -> [UInt8] {
    // A single reply is taken as it is, so that callers who get the same one share it.
    if state.waiting.count == 1, state.taken == 0, state.bytes <= chunk {
      defer { (state.waiting, state.bytes) = ([], 0) }
      return state.waiting[0].bytes
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(min(chunk, state.bytes))
    var whole = 0
    while whole < state.waiting.count, bytes.count < chunk {
      let reply = state.waiting[whole].bytes
      let part = reply[state.taken..<min(reply.count, state.taken + chunk - bytes.count)]
      bytes += part
      state.taken = part.endIndex
      if state.taken == reply.count { (whole, state.taken) = (whole + 1, 0) }
    }
    state.waiting.removeFirst(whole)
    state.bytes -= bytes.count
    return bytes
  }

  /// The caller is gone.
  func close() {
    state.withLock { state in
      (state.isClosed, state.wake) = (true, nil)
      (state.waiting, state.bytes, state.taken) = ([], 0, 0)
    }
    announceEnd()
  }
}
