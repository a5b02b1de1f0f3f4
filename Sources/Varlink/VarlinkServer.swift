// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Glibc
import Platform

/// A Varlink server on an AF_UNIX stream socket, on a serial Dispatch queue of its own.
///
/// Calls of one connection are answered in order, connections concurrently. The next request is taken once
/// the reply to the last one is sent, so that a connection holds at most one request being read, one call and
/// one reply. A started server lives until ``stop()``.
package actor VarlinkServer {
  /// Counters since the start.
  package struct Statistics: Sendable, Hashable {
    /// Connections open now.
    package var connections = 0
    /// Connections that were admitted.
    package var accepted = 0
    /// Connections that were refused because the table was full.
    package var refused = 0
    /// Idle connections that were closed for a new one, or for the memory of unread replies.
    package var evicted = 0
    /// Connections that were closed after the idle time.
    package var idle = 0
    /// Messages that were no request.
    package var malformed = 0
    /// Calls whose method was found.
    package var calls = 0
    /// accept4(2) failed; most likely the process has no descriptors left.
    package var acceptFailures = 0
  }

  nonisolated let executor: QueueExecutor
  package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  let service: VarlinkService
  let limits: VarlinkLimits
  var connections: [UInt64: VarlinkConnection] = [:]
  var counts = Statistics()
  var lastID: UInt64 = 0
  var sweeper: (any DispatchSourceTimer)?

  private enum State {
    case new, stopped
    case listening(VarlinkListener, PausableSource)
  }
  private var state = State.new

  package init(service: VarlinkService, limits: VarlinkLimits = VarlinkLimits(), label: String = "varlink") {
    self.service = service
    self.limits = limits
    executor = QueueExecutor(label: label)
  }

  /// Listens at a path, with mode 0666.
  ///
  /// - Throws: `VarlinkServerError`.
  package func listen(at path: String) throws(VarlinkServerError) {
    guard case .new = state else { throw .alreadyStarted(path: path) }
    let listener = try VarlinkListener(path: path)
    let source = PausableSource(
      DispatchSource.makeReadSource(fileDescriptor: listener.descriptor.number, queue: executor.queue),
      keeping: listener.descriptor
    ) { self.assumeIsolated { $0.acceptWaiting() } }
    state = .listening(listener, source)
    source.setRunning(true)
  }

  /// Closes the socket, its file and every connection. In-flight calls complete; their replies are discarded.
  package func stop() {
    if case .listening(let listener, let source) = state {
      source.cancel()
      listener.unlinkPath()
    }
    state = .stopped
    for connection in connections.values { connection.close() }
    connections = [:]
    sweeper?.cancel()
    sweeper = nil
  }

  /// The counters.
  package func statistics() -> Statistics {
    var now = counts
    now.connections = connections.count
    return now
  }

  /// The listening socket; nil before the start and after the stop.
  var listening: Descriptor? {
    if case .listening(let listener, _) = state { listener.descriptor } else { nil }
  }

  /// Suspends or resumes accept4(2); new connections wait in the backlog.
  func setAccepting(_ on: Bool) {
    if case .listening(_, let source) = state { source.setRunning(on) }
  }
}

/// Why a server does not listen.
package enum VarlinkServerError: Error, Equatable, CustomStringConvertible {
  /// Another process answers there.
  case inUse(path: String)
  /// Something that is not a socket stands there.
  case notASocket(path: String)
  /// The path is empty, or sockaddr_un has no room for it; `limit` is in bytes.
  case pathTooLong(path: String, limit: Int)
  /// The server listens already, or has been stopped.
  case alreadyStarted(path: String)
  /// A system call failed.
  case system(call: String, path: String, errno: Int32)

  package var description: String {
    switch self {
    case .inUse(let path): "\(path): another process listens there"
    case .notASocket(let path): "\(path): there is a file that is not a socket"
    case .pathTooLong(let path, let limit): "\(path): not a socket's path (1 to \(limit) bytes)"
    case .alreadyStarted(let path): "\(path): the server was started before"
    case .system(let call, let path, let errno): "\(path): \(call): \(errnoText(errno))"
    }
  }
}
