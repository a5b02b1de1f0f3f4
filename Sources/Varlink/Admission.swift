// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Admission policy for a full connection table. Pure; no I/O.
enum Admission: Equatable {
  /// There is room.
  case admit
  /// There is room once the connection with this id is closed.
  case replace(UInt64)
  /// All connections are busy.
  case refuse

  /// Whose connections are counted together.
  enum Principal: Hashable {
    case user(uid_t)
    /// The callers of a login session or a service (credentials(7)). In a user namespace (PrivateUsers=) most
    /// users look like one, the overflow user; sessions can still be told apart.
    case session(pid_t)

    /// user_namespaces(7), /proc/sys/kernel/overflowuid: what a user is who is not mapped.
    private static let overflowUser: uid_t = 65534

    /// - Parameter session: nil where the process is gone.
    init(uid: uid_t, session: pid_t?, process: pid_t) {
      self = uid == Self.overflowUser ? .session(session ?? process) : .user(uid)
    }
  }

  /// A connection in the table, with the properties that the policy looks at.
  struct Candidate: Equatable {
    var id: UInt64
    var principal: Principal
    var process: pid_t
    /// A call is being answered.
    var isBusy: Bool
    /// When it last did something, in ns of any clock.
    var lastActive: UInt64
    /// The call has several replies, and may last for days.
    var isStreaming = false
  }

  /// Decides on a new connection.
  ///
  /// It replaces an idle one: of the principal with the most connections, so that no user can exhaust the
  /// table; of that, of the process with the most; of that, the one that is idle longest. A connection whose
  /// call is being answered is never closed: `systemctl reload` waits on one. Some places are reserved for
  /// root and the server's own user.
  static func decide(isPrivileged: Bool, among candidates: [Candidate], limits: VarlinkLimits) -> Self {
    if candidates.count < limits.connections { return .admit }
    let byPrincipal = candidates.reduce(into: [Principal: Int]()) { $0[$1.principal, default: 0] += 1 }
    let byProcess = candidates.reduce(into: [pid_t: Int]()) { $0[$1.process, default: 0] += 1 }
    func rank(_ candidate: Candidate) -> (Int, Int, UInt64) {
      (
        -byPrincipal[candidate.principal, default: 0], -byProcess[candidate.process, default: 0],
        candidate.lastActive
      )
    }
    if let evicted = candidates.filter({ !$0.isBusy }).min(by: { rank($0) < rank($1) }) {
      return .replace(evicted.id)
    }
    return isPrivileged && candidates.count < limits.connections + limits.reserved ? .admit : .refuse
  }

  /// Decides on a new stream.
  ///
  /// All streams together leave places for other connections, which are closed when idle, so that streams
  /// cannot lock out `systemctl reload`.
  static func admitsStream(
    of principal: Principal, isPrivileged: Bool, among candidates: [Candidate], limits: VarlinkLimits
  ) -> Bool {
    let streams = candidates.filter(\.isStreaming)
    let most = min(limits.streams + (isPrivileged ? limits.reserved : 0), limits.connections - 1)
    guard streams.count < most else { return false }
    return isPrivileged || streams.count { $0.principal == principal } < limits.streamsPerPrincipal
  }
}
