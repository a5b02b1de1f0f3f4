// SPDX-License-Identifier: Apache-2.0

import CLinux
import Dispatch
import Glibc
import Platform

/// Connection lifecycle: accept, admit, evict, close.
extension VarlinkServer {
  /// Maximum accept4(2) calls per wake-up.
  private static let acceptBatch = 16
  /// Pause after accept4(2) fails: the socket stays readable, and the source would spin.
  private static let acceptPause = DispatchTimeInterval.milliseconds(250)

  func acceptWaiting() {
    guard let listening else { return }
    for _ in 0..<Self.acceptBatch {
      let flags = Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
      let number = clinux_accept4(listening.number, nil, nil, flags)
      if number >= 0 {
        admit(Descriptor(number))
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

  private func admit(_ descriptor: Descriptor) {
    guard let peer = VarlinkConnection.credentials(of: descriptor) else { return }
    let now = DispatchTime.now().uptimeNanoseconds
    lastID += 1
    let id = lastID
    let connection = VarlinkConnection(
      id: id, descriptor: descriptor, peer: peer, limits: limits, now: now, queue: executor.queue,
      onReadable: { self.assumeIsolated { $0.readable(id) } },
      onWritable: { self.assumeIsolated { $0.writable(id) } })
    let guests = connections.values.map {
      Admission.Guest(
        id: $0.id, party: $0.party, process: $0.peer.pid, isBusy: $0.isBusy, lastActive: $0.lastActive)
    }
    switch Admission.decide(isPrivileged: peer.isPrivileged, among: guests, limits: limits) {
    case .admit: break
    case .replace(let victim):
      counts.evicted += 1
      connections[victim].map { turnAway($0, .tooManyConnections) }
    case .refuse:
      counts.refused += 1
      turnAway(connection, .tooManyConnections)
      return
    }
    counts.accepted += 1
    connections[id] = connection
    connection.setReading(true)
    if sweeper == nil { startSweeping() }
  }

  /// Closes a connection for a reason of the server's own, after the service's error for it.
  func turnAway(_ connection: VarlinkConnection, _ reason: VarlinkRefusal) {
    // Not behind an unread reply, which the caller does not read either.
    if connection.unreadBytes == 0, let error = service.refusal(reason) {
      connection.enqueue(VarlinkMessage(error: error))
      _ = connection.flush(now: connection.lastActive)
    }
    close(connection)
  }

  /// Closes a connection that is not busy. A busy one keeps its place in the table until its reply, whether
  /// its caller is still connected or not: otherwise callers that disconnect could start calls without limit.
  func close(_ connection: VarlinkConnection) {
    connection.close()
    connections[connection.id] = nil
  }

  /// Closes those who have read too little for the memory that all replies may take: of the replies that are
  /// unread, the one that was read from longest ago, for all who hold it.
  func makeRoomForReplies() {
    var unread = Dictionary(
      grouping: connections.values.filter { $0.unreadBytes > 0 }, by: \.unreadMemory)
    var bytes = unread.keys.reduce(0) { $0 + $1.bytes }
    while bytes > limits.unreadBytes {
      let slowest = unread.min { Self.lastRead($0.value) < Self.lastRead($1.value) }
      guard let (memory, slow) = slowest else { return }
      unread[memory] = nil
      bytes -= memory.bytes
      counts.evicted += slow.count
      for connection in slow { close(connection) }
    }
  }

  private static func lastRead(_ holders: [VarlinkConnection]) -> UInt64 {
    holders.map(\.lastActive).max() ?? 0
  }

  /// A timer that runs only while there are connections.
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
    let now = DispatchTime.now().uptimeNanoseconds
    for connection in Array(connections.values) where !connection.isBusy {
      guard now - min(now, connection.lastActive) >= limits.idleNanoseconds else { continue }
      counts.idle += 1
      turnAway(connection, .idle)
    }
    guard connections.isEmpty else { return }
    sweeper?.cancel()
    sweeper = nil
  }
}
