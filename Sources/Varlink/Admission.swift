// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Who gets in when the house is full. A pure value.
enum Admission: Equatable {
  /// There is room.
  case admit
  /// There is, once the connection with this id is closed.
  case replace(UInt64)
  /// Everybody is busy.
  case refuse

  /// A connection, as far as this question goes.
  struct Guest: Equatable {
    var id: UInt64
    var uid: uid_t
    /// A call is being answered.
    var isBusy: Bool
    /// When it last did something, in ns of any clock.
    var lastActive: UInt64
  }

  /// Decides on a newcomer.
  ///
  /// The newest is served, and the longest idle goes; of whom, the user's with the most connections, so that nobody
  /// on the machine can crowd out others. A call that is being answered is never cut off: `systemctl reload` waits
  /// on one. For root and the server's own user some room is kept.
  static func decide(isPrivileged: Bool, among guests: [Guest], limits: VarlinkLimits) -> Self {
    if guests.count < limits.connections { return .admit }
    let held = guests.reduce(into: [uid_t: Int]()) { $0[$1.uid, default: 0] += 1 }
    let victim = guests.filter { !$0.isBusy }.min { a, b in
      let (heldByA, heldByB) = (held[a.uid, default: 0], held[b.uid, default: 0])
      return heldByA != heldByB ? heldByA > heldByB : a.lastActive < b.lastActive
    }
    if let victim { return .replace(victim.id) }
    return isPrivileged && guests.count < limits.connections + limits.reserved ? .admit : .refuse
  }
}
