// SPDX-License-Identifier: Apache-2.0

import Dispatch

/// Calls with several replies.
extension VarlinkServer {
  /// Chunks that are sent in one turn, so that one caller cannot delay the others.
  private static let chunksPerTurn = 4

  /// Starts the stream that a call asks for, or refuses it.
  ///
  /// - Parameter limit: for replies that wait, in bytes.
  func stream(
    _ connection: VarlinkConnection, _ call: VarlinkCall, limit: Int,
    _ handler: @escaping @Sendable (VarlinkCall, VarlinkReplies) async throws(VarlinkError) -> Void
  ) {
    let id = connection.id
    guard connections.admitsStream(of: connection) else {
      finishLater(id, .refused(.tooManyStreams), oneway: false)
      return
    }
    let queue = executor.queue
    let replies = VarlinkReplies(limit: limit) {
      queue.async { self.assumeIsolated { $0.pump(id) } }
    }
    connection.replies = replies
    connection.handler = Task.detached(executorPreference: methods) {
      do throws(VarlinkError) {
        try await handler(call, replies)
      } catch {
        replies.fail(error)
      }
      await self.handlerReturned(id)
    }
    readOn(id)
  }

  private func handlerReturned(_ id: UInt64) {
    connections.handlerReturned(id)
    // The end waits for it, so that a connection has one handler at most.
    pump(id)
  }

  /// Sends replies while the caller reads them.
  func pump(_ id: UInt64) {
    guard let connection = connections[id], let replies = connection.replies else { return }
    if replies.isOverrun && !connection.isClosing { abandon(connection) }
    replies.announceEnd()
    guard connection.unreadBytes == 0 else {
      connections.makeRoomForReplies()
      return
    }
    for _ in 0..<Self.chunksPerTurn {
      let now = DispatchTime.now().uptimeNanoseconds
      switch replies.next(mayEnd: connection.handler == nil) {
      case .nothing: return
      case .end(let outcome):
        connection.replies = nil
        // The end may have come since.
        replies.announceEnd()
        finish(id, outcome, oneway: false)
        return
      case .bytes(let bytes):
        connection.lastActive = now
        connection.enqueue(bytes)
      }
      switch connection.flush(now: now) {
      case .all: break
      case .failed:
        connections.close(connection)
        return
      case .some:
        connections.makeRoomForReplies()
        return
      }
    }
    executor.queue.async { self.assumeIsolated { $0.pump(id) } }
  }

  /// The caller was too slow: it gets what is partly sent and an error, and has the idle time to read them.
  private func abandon(_ connection: VarlinkConnection) {
    connection.isClosing = true
    connection.lastActive = DispatchTime.now().uptimeNanoseconds
    connection.setReading(false)
    connection.handler?.cancel()
  }

  /// Reads to see that the caller hangs up. Requests wait for the end of the stream; of too many no more are
  /// read, and a hang-up shows when something is sent or at the next sweep.
  func watch(_ connection: VarlinkConnection) {
    guard !connection.isAtEnd, !connection.isClosing, connection.framer.count <= limits.requestBytes else {
      connection.setReading(false)
      // A stream that begins after the end of what its caller sent.
      if connection.isAtEnd && connection.isHungUp { connections.close(connection) }
      return
    }
    switch connection.receive() {
    case .bytes: readOn(connection.id)
    case .nothingYet: connection.setReading(true)
    case .failed: connections.close(connection)
    case .end:
      connection.isAtEnd = true
      connection.setReading(false)
      // One that still reads, as `socat` does at the end of its input, gets its replies.
      if connection.isHungUp { connections.close(connection) }
    }
  }
}
