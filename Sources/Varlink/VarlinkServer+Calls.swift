// SPDX-License-Identifier: Apache-2.0

import Dispatch

/// Request dispatch and replies.
extension VarlinkServer {
  func readable(_ id: UInt64) {
    guard let connection = connections[id] else { return }
    if connection.replies != nil {
      watch(connection)
      return
    }
    // The next request is taken once the reply to the last one is sent.
    guard !connection.isBusy, connection.unreadBytes == 0, !connection.isClosing else {
      connection.setReading(false)
      return
    }
    switch connection.receive() {
    case .bytes: proceed(connection)
    case .nothingYet: connection.setReading(true)
    case .failed: connections.close(connection)
    case .end:
      connection.isAtEnd = true
      connection.setReading(false)
      proceed(connection)
    }
  }

  func writable(_ id: UInt64) {
    guard let connection = connections[id] else { return }
    sendAndProceed(connection)
  }

  /// Dispatches the next request, or waits for the rest of it.
  private func proceed(_ connection: VarlinkConnection) {
    let message: [UInt8]?
    do throws(MessageFramer.TooLong) {
      message = try connection.framer.next()
    } catch {
      reject(connection)
      return
    }
    guard let message else {
      if connection.isAtEnd { connections.close(connection) } else { readOn(connection.id) }
      return
    }
    connection.lastActive = DispatchTime.now().uptimeNanoseconds
    let request: VarlinkRequest
    do throws(VarlinkError) {
      request = try VarlinkRequest(parsing: message)
    } catch {
      reject(connection, error)
      return
    }
    connection.isBusy = true
    let id = connection.id
    do throws(VarlinkError) {
      let method = try service.method(for: request)
      countCall()
      let call = VarlinkCall(peer: connection.peer, request: request)
      switch method.handler {
      case .once(let run):
        // Not on this actor's queue: a long call would block the other connections.
        Task.detached(executorPreference: methods) {
          let outcome = await run(call)
          await self.finish(id, outcome, oneway: request.oneway)
        }
      case .stream(let limit, let run):
        stream(connection, call, limit: limit ?? limits.streamBytes, run)
      }
    } catch {
      // In a turn of its own, so that a series of bad requests delays its caller alone.
      finishLater(id, .error(error), oneway: request.oneway)
    }
  }

  /// Reads again in a turn of its own, so that one caller delays no other; the poll is asked only once the
  /// socket is empty.
  func readOn(_ id: UInt64) {
    executor.queue.async { self.assumeIsolated { $0.readable(id) } }
  }

  /// Replies with an error and closes: what follows a message that is no request has no meaning.
  private func reject(_ connection: VarlinkConnection, _ error: VarlinkError = .malformedRequest) {
    connection.isClosing = true
    connection.setReading(false)
    connection.enqueue(VarlinkMessage(error: error).bytes)
    sendAndProceed(connection)
  }

  /// Replies in a turn of its own.
  func finishLater(_ id: UInt64, _ outcome: VarlinkOutcome, oneway: Bool) {
    executor.queue.async { self.assumeIsolated { $0.finish(id, outcome, oneway: oneway) } }
  }

  func finish(_ id: UInt64, _ outcome: VarlinkOutcome, oneway: Bool) {
    // None after stop().
    guard let connection = connections[id] else { return }
    connection.isBusy = false
    connection.lastActive = DispatchTime.now().uptimeNanoseconds
    if oneway {
      proceed(connection)
      return
    }
    guard let message = message(for: outcome) else {
      connections.close(connection)
      return
    }
    connection.enqueue(message.bytes)
    sendAndProceed(connection)
  }

  /// The reply to a call; nil where the service has no error for the refusal.
  private func message(for outcome: VarlinkOutcome) -> VarlinkMessage? {
    switch outcome {
    case .reply(let parameters):
      let message = VarlinkMessage(reply: parameters)
      if message.bytes.count <= limits.replyBytes { return message }
      return service.refusal(.replyTooLong).map(VarlinkMessage.init(error:))
    case .error(let error): return VarlinkMessage(error: error)
    case .refused(let reason): return service.refusal(reason).map(VarlinkMessage.init(error:))
    }
  }

  private func sendAndProceed(_ connection: VarlinkConnection) {
    switch connection.flush(now: DispatchTime.now().uptimeNanoseconds) {
    case .failed: connections.close(connection)
    case .some: connections.makeRoomForReplies()
    case .all:
      if connection.replies != nil {
        pump(connection.id)
      } else if connection.isClosing {
        connections.close(connection)
      } else {
        proceed(connection)
      }
    }
  }
}
