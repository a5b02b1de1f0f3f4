// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A call, as a method's handler sees it.
package struct VarlinkCall: Sendable {
  /// The credentials of the caller at connect(2) (unix(7), SO_PEERCRED).
  package struct Credentials: Sendable, Hashable {
    /// Effective user.
    package let uid: uid_t
    /// Effective group.
    package let gid: gid_t
    /// Supplementary groups (SO_PEERGROUPS).
    package let groups: Set<gid_t>
    /// Process id. It may be reused by now: for messages, not for decisions.
    package let pid: pid_t

    package init(uid: uid_t, gid: gid_t, groups: Set<gid_t> = [], pid: pid_t) {
      self.uid = uid
      self.gid = gid
      self.groups = groups
      self.pid = pid
    }

    /// Root, or the user that this process runs as.
    package var isPrivileged: Bool { uid == 0 || uid == geteuid() }

    /// Whether it is privileged, or belongs to the group that this process runs as.
    package var isOfOurGroup: Bool {
      isPrivileged || gid == getegid() || groups.contains(getegid())
    }
  }

  /// The caller.
  package let peer: Credentials

  /// The request.
  package let request: VarlinkRequest

  package init(peer: Credentials, request: VarlinkRequest) {
    self.peer = peer
    self.request = request
  }

  /// Decodes the parameters.
  ///
  /// - Throws: `InvalidParameter`.
  package func parameters<Value: Decodable>(_ type: Value.Type) throws(VarlinkError) -> Value {
    try request.parameters(type)
  }
}
