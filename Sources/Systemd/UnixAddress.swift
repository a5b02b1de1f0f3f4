// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The address of a socket in the file system, unix(7).
struct UnixAddress {
  private var address = sockaddr_un()

  /// - Throws: `SystemdError.pathTooLong`
  init(path: String) throws(SystemdError) {
    let bytes = Array(path.utf8)
    // One byte stays for the terminating NUL.
    guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { throw .pathTooLong(path) }
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
  }

  func withSockaddr<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    withUnsafePointer(to: address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
  }
}
