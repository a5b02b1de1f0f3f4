// SPDX-License-Identifier: Apache-2.0

import Platform

/// One datagram as the kernel handed it over. Its payload lies in the receiver's buffer: it is valid only
/// inside the closure that was given it.
package struct ReceivedDatagram {
  /// What was received: at most 65,535 bytes.
  package var payload: UnsafeRawBufferPointer
  /// Bytes as sent; more than `payload.count` when the datagram was truncated (MSG_TRUNC).
  package var size: Int
  package var source: Endpoint
  /// The group it was sent to, from IP_PKTINFO or IPV6_PKTINFO.
  package var destination: IPAddress
  /// The interface on which it arrived.
  package var interfaceIndex: UInt32
  /// When the kernel received it, in nanoseconds of CLOCK_REALTIME since the epoch (SO_TIMESTAMPNS); 0 when
  /// the kernel gave no stamp.
  package var receivedNanoseconds: Int64
}
