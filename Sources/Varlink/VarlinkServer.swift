// SPDX-License-Identifier: Apache-2.0

import CLinux
import Dispatch
import Glibc
import Platform

/// A Varlink server on an AF_UNIX stream socket, or of one connection, on a serial Dispatch queue of its own.
///
/// Calls of one connection are answered in order, connections concurrently. The next request is taken once
/// the reply to the last one is sent, so that a connection holds at most one request being read, one call and
/// one reply, or one stream of replies. A started server lives until ``stop()``.
package actor VarlinkServer {
  /// Counters, for tests.
  struct Statistics {
    /// Connections open now.
    var connections = 0
    /// Of them, those with a stream.
    var streams = 0
    /// Bytes of replies that their callers have not read.
    var unreadBytes = 0
    /// Calls whose method was found, since the start.
    var calls = 0
    /// Times that accept4(2) failed; most likely the process has no descriptors left.
    var acceptFailures = 0
  }

  nonisolated let executor: QueueExecutor
  /// Runs the methods.
  nonisolated let methods: QueueExecutor
  package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  let service: VarlinkService
  let limits: VarlinkLimits
  var connections: ConnectionTable
  private var counts = Statistics()
  /// Runs only while there are connections.
  private var sweeper: (any DispatchSourceTimer)?

  private enum State {
    case new, stopped
    case listening(VarlinkListener, PolledDescriptor, DescriptorPoll)
    case serving(DescriptorPoll)
  }
  private var state = State.new

  package init(service: VarlinkService, limits: VarlinkLimits = VarlinkLimits(), label: String = "varlink") {
    self.service = service
    self.limits = limits
    connections = ConnectionTable(limits: limits, refusal: service.refusal)
    executor = QueueExecutor(label: label)
    methods = QueueExecutor(label: label + ".methods")
  }

  /// Listens at a path, with mode 0666.
  ///
  /// - Throws: `VarlinkServerError`.
  package func listen(at path: String) throws(VarlinkServerError) {
    guard case .new = state else { throw .alreadyStarted(path: path) }
    let listener = try VarlinkListener(path: path)
    let poll: DescriptorPoll
    do throws(EventLoopError) { poll = try DescriptorPoll(on: executor.queue) } catch {
      listener.unlinkPath()
      throw .system(call: error.call, path: path, errno: error.errno)
    }
    let watch = PolledDescriptor(on: poll, listener.descriptor) {
      self.assumeIsolated { $0.acceptWaiting() }
    }
    state = .listening(listener, watch, poll)
    watch.setReading(true)
  }

  /// Serves one connection that another process accepted (`Accept=yes`, systemd.socket(5)), and no other.
  ///
  /// - Parameters:
  ///   - descriptor: Of a connected AF_UNIX stream socket.
  ///   - name: Of the socket, for errors.
  ///   - ended: Called when the connection is over.
  /// - Throws: `VarlinkServerError`: `notASocket`, `alreadyStarted`, `system`.
  package func serve(
    _ descriptor: Descriptor, as name: String, ended: @escaping @Sendable () -> Void
  ) throws(VarlinkServerError) {
    guard case .new = state else { throw .alreadyStarted(path: name) }
    guard VarlinkConnection.credentials(of: descriptor) != nil else { throw .notASocket(path: name) }
    let poll: DescriptorPoll
    do throws(EventLoopError) { poll = try DescriptorPoll(on: executor.queue) } catch {
      throw .system(call: error.call, path: name, errno: error.errno)
    }
    state = .serving(poll)
    connections.emptied = ended
    admit(descriptor, poll)
  }

  /// Closes the socket, its file and every connection. In-flight calls complete; their replies are discarded.
  /// Streams send what their sockets take at once.
  package func stop() {
    if case .listening(let listener, let watch, _) = state {
      watch.cancel()
      listener.unlinkPath()
    }
    state = .stopped
    for id in connections.streaming { pump(id) }
    connections.closeAll()
    stopSweeping()
  }

  func statistics() -> Statistics {
    var now = counts
    now.connections = connections.count
    now.streams = connections.streams
    now.unreadBytes = connections.unreadBytes
    return now
  }

  func countCall() { counts.calls += 1 }

  // MARK: Accepting

  /// Maximum accept4(2) calls per wake-up.
  private static let acceptBatch = 16
  /// Pause after accept4(2) fails: the socket stays readable, and the source would spin.
  private static let acceptPause = DispatchTimeInterval.milliseconds(250)

  private func acceptWaiting() {
    guard case .listening(let listener, _, let poll) = state else { return }
    for _ in 0..<Self.acceptBatch {
      let flags = Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
      let number = clinux_accept4(listener.descriptor.number, nil, nil, flags)
      if number >= 0 {
        admit(Descriptor(number), poll)
        continue
      }
      switch errno {
      case EAGAIN: return
      // The caller has disconnected, or a signal arrived (accept(2)).
      case ECONNABORTED, EINTR: continue
      default:
        // EMFILE, ENFILE, ENOBUFS, ENOMEM.
        counts.acceptFailures += 1
        setAccepting(false)
        executor.queue.asyncAfter(deadline: .now() + Self.acceptPause) {
          self.assumeIsolated { $0.setAccepting(true) }
        }
        return
      }
    }
  }

  /// Suspends or resumes accept4(2); new connections wait in the backlog.
  private func setAccepting(_ on: Bool) {
    if case .listening(_, let watch, _) = state { watch.setReading(on) }
  }

  private func admit(_ descriptor: Descriptor, _ poll: DescriptorPoll) {
    guard let peer = VarlinkConnection.credentials(of: descriptor) else { return }
    let id = connections.makeID()
    let connection = VarlinkConnection(
      id: id, descriptor: descriptor, peer: peer, limits: limits, now: DispatchTime.now().uptimeNanoseconds,
      poll: poll,
      onReadable: { self.assumeIsolated { $0.readable(id) } },
      onWritable: { self.assumeIsolated { $0.writable(id) } })
    guard connections.admit(connection) else { return }
    connection.setReading(true)
    if sweeper == nil { startSweeping() }
  }

  // MARK: Idle connections

  private func startSweeping() {
    let timer = DispatchSource.makeTimerSource(queue: executor.queue)
    let period = DispatchTimeInterval.nanoseconds(Int(clamping: limits.idleNanoseconds / 4))
    timer.schedule(
      deadline: .now() + period, repeating: period,
      leeway: .nanoseconds(Int(clamping: limits.idleNanoseconds / 8)))
    timer.setEventHandler { self.assumeIsolated { $0.sweep() } }
    timer.activate()
    sweeper = timer
  }

  private func sweep() {
    connections.refuseIdle(now: DispatchTime.now().uptimeNanoseconds)
    if connections.count == 0 { stopSweeping() }
  }

  private func stopSweeping() {
    sweeper?.cancel()
    sweeper = nil
  }
}
