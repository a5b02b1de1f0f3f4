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

  /// Streams at once: calls with several replies. Always fewer than `connections`, so that other calls find
  /// room; root and the server's own user may have `reserved` more.
  package var streams = 32

  /// Streams of one principal, but for root and the server's own user.
  package var streamsPerPrincipal = 8

  /// Bytes of replies that wait in one stream, unless its method says otherwise. On top come 64 KiB that are
  /// being sent.
  package var streamBytes = 256 << 10

  /// Bytes of unread replies over all connections. A reply that several have counts once; to it comes what
  /// waits in the stream of each who has not read it. At least `replyBytes`.
  package var unreadBytes = 32 << 20

  /// Time without a completed request or a read reply after which a connection is closed. At least 40 ms. A
  /// stream has no such limit while there is nothing to send.
  package var idle: Duration = .seconds(60)

  package init() {}

  /// ``idle`` in ns, for the clock of Dispatch.
  var idleNanoseconds: UInt64 { UInt64(max(idle, .milliseconds(40)).nanoseconds) }
}
