// SPDX-License-Identifier: Apache-2.0

import Platform

/// What a server takes from its callers, at most.
package struct VarlinkLimits: Sendable, Hashable {
  /// Connections at once.
  package var connections = 64

  /// Further connections for root and the server's own user, when all others are busy.
  package var reserved = 8

  /// The longest request, in bytes without its NUL.
  package var requestBytes = 65_536

  /// The longest reply, in bytes.
  package var replyBytes = 32 << 20

  /// Bytes of unread replies over all connections, where a shared one counts once. At least `replyBytes`.
  package var unreadBytes = 32 << 20

  /// Time without a completed request or a read reply after which a connection is closed. At least 40 ms.
  package var idle: Duration = .seconds(60)

  package init() {}

  /// ``idle`` in ns, for the clock of Dispatch.
  var idleNanoseconds: UInt64 { UInt64(max(idle, .milliseconds(40)).nanoseconds) }
}
