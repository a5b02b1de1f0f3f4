// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Platform

/// A socket that is closed when its owner is destroyed.
package struct OwnedSocket: ~Copyable {
  private let owned: OwnedDescriptor

  package var descriptor: Int32 { owned.number }

  /// Takes over an open descriptor.
  package init(owning descriptor: Int32) { owned = OwnedDescriptor(owning: descriptor) }

  /// A new UDP socket, non-blocking and close-on-exec.
  ///
  /// - Throws: `MulticastError.system` with the errno of socket(2).
  package init(_ family: AddressFamily) throws(MulticastError) {
    let type = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    let descriptor = socket(family.domain, type, 0)
    guard descriptor >= 0 else {
      throw .system(call: "socket", object: "\(family)", errno: errno)
    }
    owned = OwnedDescriptor(owning: descriptor)
  }

  /// Sets O_NONBLOCK and FD_CLOEXEC, as `init(_:)` does for a new socket.
  ///
  /// - Throws: `MulticastError.system` with the errno of fcntl(2).
  func setNonBlocking(for object: @autoclosure () -> String) throws(MulticastError) {
    let flags = fcntl(descriptor, F_GETFL)
    guard flags >= 0, fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) == 0,
      fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0
    else { throw .system(call: "fcntl", object: object(), errno: errno) }
  }

  /// Sets an option (setsockopt(2)).
  ///
  /// - Parameters:
  ///   - name: name of the option, for the error.
  ///   - object: object of the call, for the error.
  func set<Value: BitwiseCopyable>(
    _ level: Int32, _ option: Int32, to value: Value, _ name: StaticString,
    for object: @autoclosure () -> String
  ) throws(MulticastError) {
    var value = value
    guard setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Value>.size)) == 0 else {
      throw .system(call: "setsockopt \(name)", object: object(), errno: errno)
    }
  }

  /// Reads an option (getsockopt(2)); `nil` if the call fails.
  func option<Value: BitwiseCopyable>(_ level: Int32, _ option: Int32, as initial: Value) -> Value? {
    var value = initial
    var length = socklen_t(MemoryLayout<Value>.size)
    guard getsockopt(descriptor, level, option, &value, &length) == 0 else { return nil }
    return value
  }

  /// The address the socket is bound to (getsockname(2)).
  package var localEndpoint: Endpoint? {
    withUnsafeTemporaryAllocation(of: sockaddr_storage.self, capacity: 1) { storage in
      var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
      guard let base = storage.baseAddress else { return nil }
      let address = UnsafeMutableRawPointer(base).assumingMemoryBound(to: sockaddr.self)
      guard getsockname(descriptor, address, &length) == 0 else { return nil }
      return Endpoint(UnsafeRawPointer(address), length: Int(length))
    }
  }
}
