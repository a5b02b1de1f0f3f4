// SPDX-License-Identifier: Apache-2.0

import Glibc

/// unix(7): the longest path that fits sun_path with its terminating NUL, in bytes.
let longestSocketPath = MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1

/// Calls `body` with the AF_UNIX address of a path.
///
/// - Precondition: the path has 1 to ``longestSocketPath`` bytes of UTF-8, and no NUL.
func withSocketAddress<Result>(
  _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
) -> Result {
  var address = sockaddr_un()
  address.sun_family = sa_family_t(AF_UNIX)
  let bytes = Array(path.utf8)
  precondition(!bytes.isEmpty && bytes.count <= longestSocketPath)
  withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
  return withUnsafePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
    }
  }
}

/// Whether a path can be an AF_UNIX socket's.
func isSocketPath(_ path: String) -> Bool {
  (1...longestSocketPath).contains(path.utf8.count) && !path.utf8.contains(0)
}
