// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Files under /proc, which tell no size and are text of the kernel's with names from elsewhere in it.
package enum KernelFile {
  /// /proc/net is the main thread's; this is the calling thread's, which is the same but in a process with threads in
  /// several namespaces.
  package static let network = "/proc/thread-self/net/"

  /// The text, at most 4 MiB of it; `nil` when it cannot be read.
  package static func read(_ path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 16 << 10)
    while bytes.count < 4 << 20 {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { return nil }
      if count == 0 { break }
      bytes += buffer[..<count]
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// A file with one number in it, as in /proc/sys.
  package static func number(_ path: String) -> Int? {
    read(path).flatMap { Int($0.filter { !$0.isWhitespace }) }
  }
}
