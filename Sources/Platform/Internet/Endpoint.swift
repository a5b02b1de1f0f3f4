// SPDX-License-Identifier: Apache-2.0

import Glibc

/// An IP address with a UDP port.
package struct Endpoint: Hashable, Sendable {
  package var address: IPAddress
  package var port: UInt16

  package init(_ address: IPAddress, port: UInt16) {
    self.address = address
    self.port = port
  }

  /// `nil` when the kernel wrote neither a sockaddr_in nor a sockaddr_in6.
  @inline(__always)
  package init?(_ storage: UnsafeRawPointer, length: Int) {
    let family = storage.loadUnaligned(as: sa_family_t.self)
    if family == sa_family_t(AF_INET), length >= MemoryLayout<sockaddr_in>.size {
      let address = storage.loadUnaligned(as: sockaddr_in.self)
      self.init(IPAddress(address.sin_addr), port: UInt16(bigEndian: address.sin_port))
    } else if family == sa_family_t(AF_INET6), length >= MemoryLayout<sockaddr_in6>.size {
      let address = storage.loadUnaligned(as: sockaddr_in6.self)
      self.init(IPAddress(address.sin6_addr), port: UInt16(bigEndian: address.sin6_port))
    } else {
      return nil
    }
  }

  /// Calls `body` with the sockaddr of this endpoint.
  ///
  /// - Parameter scope: the interface index that a link-local IPv6 address needs (sin6_scope_id of ipv6(7)),
  ///   otherwise 0.
  package func withSockaddr<Result, Failure: Error>(
    scope: UInt32 = 0,
    _ body: (UnsafePointer<sockaddr>, socklen_t) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    switch address.family {
    case .ipv4:
      var socketAddress = sockaddr_in()
      socketAddress.sin_family = sa_family_t(AF_INET)
      socketAddress.sin_port = port.bigEndian
      socketAddress.sin_addr = address.inAddr
      return try withRebound(&socketAddress, body)
    case .ipv6:
      var socketAddress = sockaddr_in6()
      socketAddress.sin6_family = sa_family_t(AF_INET6)
      socketAddress.sin6_port = port.bigEndian
      socketAddress.sin6_addr = address.in6Addr
      socketAddress.sin6_scope_id = scope
      return try withRebound(&socketAddress, body)
    }
  }

  private func withRebound<Storage, Result, Failure: Error>(
    _ storage: inout Storage,
    _ body: (UnsafePointer<sockaddr>, socklen_t) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try withUnsafePointer(to: &storage) { (pointer: UnsafePointer<Storage>) throws(Failure) -> Result in
      let raw = UnsafeRawPointer(pointer).assumingMemoryBound(to: sockaddr.self)
      return try body(raw, socklen_t(MemoryLayout<Storage>.size))
    }
  }
}

extension Endpoint: CustomStringConvertible {
  /// `239.1.1.1:5001`, or `[ff15::1]:5001` (RFC 5952 section 6).
  package var description: String {
    switch address.family {
    case .ipv4: "\(address):\(port)"
    case .ipv6: "[\(address)]:\(port)"
    }
  }
}
