// SPDX-License-Identifier: Apache-2.0

import Platform

/// One received datagram. The payload points into the receiver's buffer and is valid only inside the closure
/// that the datagram is passed to.
package struct ReceivedDatagram {
  /// Payload: at most 65,535 bytes.
  package var payload: UnsafeRawBufferPointer
  /// Bytes as sent; more than `payload.count` when the datagram was truncated (MSG_TRUNC).
  package var size: Int
  package var source: Endpoint
  /// Destination address, from IP_PKTINFO or IPV6_PKTINFO.
  package var destination: IPAddress
  /// Index of the interface on which it arrived.
  package var interfaceIndex: UInt32
  /// Receive time of the kernel, in nanoseconds of CLOCK_REALTIME since the epoch (SO_TIMESTAMPNS); 0 without
  /// a timestamp.
  package var receivedNanoseconds: Int64

  package init(
    payload: UnsafeRawBufferPointer, size: Int, source: Endpoint, destination: IPAddress,
    interfaceIndex: UInt32, receivedNanoseconds: Int64
  ) {
    self.payload = payload
    self.size = size
    self.source = source
    self.destination = destination
    self.interfaceIndex = interfaceIndex
    self.receivedNanoseconds = receivedNanoseconds
  }
}
