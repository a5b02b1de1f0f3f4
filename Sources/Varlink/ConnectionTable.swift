// SPDX-License-Identifier: Apache-2.0

/// The open connections of a server, within its limits.
struct ConnectionTable {
  private let limits: VarlinkLimits
  /// The service's error for a reason of the server's own; nil for none.
  private let refusal: @Sendable (VarlinkRefusal) -> VarlinkError?
  private var connections: [UInt64: VarlinkConnection] = [:] {
    didSet { if connections.isEmpty { emptied() } }
  }
  /// Called whenever none is left.
  var emptied: () -> Void = {}
  private var lastID: UInt64 = 0

  init(limits: VarlinkLimits, refusal: @escaping @Sendable (VarlinkRefusal) -> VarlinkError?) {
    self.limits = limits
    self.refusal = refusal
  }

  var count: Int { connections.count }

  /// Connections with a stream.
  var streams: Int { connections.values.count(where: \.isStreaming) }

  /// Bytes of replies that the callers have not read.
  var unreadBytes: Int { connections.values.reduce(0) { $0 + $1.unreadBytes + $1.waitingBytes } }

  /// Nil for one that was closed.
  subscript(id: UInt64) -> VarlinkConnection? {
    connections[id].flatMap { $0.isClosed ? nil : $0 }
  }

  /// The number of the next connection. None is used twice.
  mutating func makeID() -> UInt64 {
    lastID += 1
    return lastID
  }

  /// Adds a connection, in the place of an idle one where the table is full; refuses it where there is none.
  ///
  /// - Returns: whether it was added.
  mutating func admit(_ connection: VarlinkConnection) -> Bool {
    let isPrivileged = connection.peer.isPrivileged
    switch Admission.decide(isPrivileged: isPrivileged, among: candidates, limits: limits) {
    case .admit: break
    case .replace(let evicted):
      if let evicted = connections[evicted] { refuse(evicted, .tooManyConnections) }
    case .refuse:
      refuse(connection, .tooManyConnections)
      return false
    }
    connections[connection.id] = connection
    return true
  }

  private var candidates: [Admission.Candidate] {
    connections.values.map {
      Admission.Candidate(
        id: $0.id, principal: $0.principal, process: $0.peer.pid, isBusy: $0.isBusy,
        lastActive: $0.lastActive, isStreaming: $0.isStreaming)
    }
  }

  /// Whether a connection may have a stream.
  func admitsStream(of connection: VarlinkConnection) -> Bool {
    Admission.admitsStream(
      of: connection.principal, isPrivileged: connection.peer.isPrivileged, among: candidates, limits: limits)
  }

  /// Closes a connection for a reason of the server's own, after the service's error for it.
  private mutating func refuse(_ connection: VarlinkConnection, _ reason: VarlinkRefusal) {
    // Not behind an unread reply, which the caller does not read either.
    if connection.unreadBytes == 0, let error = refusal(reason) {
      connection.enqueue(VarlinkMessage(error: error).bytes)
      _ = connection.flush(now: connection.lastActive)
    }
    close(connection)
  }

  /// Closes a connection that is not busy, or has a stream. A busy one keeps its place in the table until its
  /// reply, one with a stream until its handler returns, whether its caller is still connected or not:
  /// otherwise callers that disconnect could start calls without limit.
  mutating func close(_ connection: VarlinkConnection) {
    connection.close()
    if connection.handler == nil { connections[connection.id] = nil }
  }

  /// The handler of a connection's stream has returned.
  mutating func handlerReturned(_ id: UInt64) {
    guard let connection = connections[id] else { return }
    connection.handler = nil
    if connection.isClosed { connections[id] = nil }
  }

  /// Those with a stream.
  var streaming: [UInt64] { connections.values.filter { $0.replies != nil }.map(\.id) }

  /// Closes all, busy or not.
  mutating func closeAll() {
    for connection in connections.values { connection.close() }
    connections = [:]
  }

  /// Closes those that have been idle for too long, and streams whose caller is gone.
  ///
  /// - Parameter now: ns of DispatchTime.
  mutating func refuseIdle(now: UInt64) {
    for connection in Array(connections.values) where !connection.isClosed {
      let isIdle = now - min(now, connection.lastActive) >= limits.idleNanoseconds
      if connection.isStreaming {
        let isStalled = isIdle && (connection.unreadBytes > 0 || connection.isClosing)
        if isStalled || connection.isHungUp { close(connection) }
      } else if !connection.isBusy && isIdle {
        refuse(connection, .idle)
      }
    }
  }

  /// Closes those who have read too little for the memory that all replies may take: of the replies that are
  /// unread, the one that was read from longest ago, for all who hold it.
  mutating func makeRoomForReplies() {
    var unread = Dictionary(
      grouping: connections.values.filter { $0.unreadBytes > 0 }, by: \.unreadMemory)
    func memory(_ shared: VarlinkConnection.Memory, _ holders: [VarlinkConnection]) -> Int {
      holders.reduce(shared.bytes) { $0 + $1.waitingBytes }
    }
    var bytes = unread.reduce(0) { $0 + memory($1.key, $1.value) }
    while bytes > limits.unreadBytes {
      let slowest = unread.min { Self.lastRead($0.value) < Self.lastRead($1.value) }
      guard let (shared, slow) = slowest else { return }
      unread[shared] = nil
      bytes -= memory(shared, slow)
      for connection in slow { close(connection) }
    }
  }

  private static func lastRead(_ holders: [VarlinkConnection]) -> UInt64 {
    holders.map(\.lastActive).max() ?? 0
  }
}
