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

  /// Connections that are counted together.
  enum Party: Hashable {
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

  /// The properties of a connection that the policy looks at.
  struct Guest: Equatable {
    var id: UInt64
    var party: Party
    var process: pid_t
    /// A call is being answered.
    var isBusy: Bool
    /// When it last did something, in ns of any clock.
    var lastActive: UInt64
  }

  /// Decides on a new connection.
  ///
  /// It replaces an idle one: of the party with the most connections, so that no user can exhaust the table;
  /// of that, of the process with the most; of that, the one that is idle longest. A connection whose call is
  /// being answered is never closed: `systemctl reload` waits on one. Some places are reserved for root and
  /// the server's own user.
  static func decide(isPrivileged: Bool, among guests: [Guest], limits: VarlinkLimits) -> Self {
    if guests.count < limits.connections { return .admit }
    let byParty = guests.reduce(into: [Party: Int]()) { $0[$1.party, default: 0] += 1 }
    let byProcess = guests.reduce(into: [pid_t: Int]()) { $0[$1.process, default: 0] += 1 }
    func rank(_ guest: Guest) -> (Int, Int, UInt64) {
      (-byParty[guest.party, default: 0], -byProcess[guest.process, default: 0], guest.lastActive)
    }
    if let victim = guests.filter({ !$0.isBusy }).min(by: { rank($0) < rank($1) }) {
      return .replace(victim.id)
    }
    return isPrivileged && guests.count < limits.connections + limits.reserved ? .admit : .refuse
  }
}
