// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Standard output and standard error, for what a person at a terminal is told.
package enum Console {
  /// A complaint or a notice: `mcastd: TEXT`.
  package static func complain(_ text: String) {
    _ = write(Array("mcastd: \(text)\n".utf8), to: STDERR_FILENO)
  }

  /// What was asked for.
  package static func print(_ text: String) {
    _ = write(Array(text.utf8), to: STDOUT_FILENO)
  }

  /// Writes all of it, however long a full pipe takes.
  ///
  /// - Returns: 0, or the errno of write(2): EPIPE when nobody reads any more.
  static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Int32 {
    var rest = bytes
    while !rest.isEmpty {
      let written = Glibc.write(descriptor, rest.baseAddress, rest.count)
      if written >= 0 {
        rest = UnsafeRawBufferPointer(rebasing: rest[written...])
      } else if errno == EAGAIN {
        // Somebody else made the terminal non-blocking.
        var poll = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = Glibc.poll(&poll, 1, -1)
      } else if errno != EINTR {
        return errno
      }
    }
    return 0
  }

  static func write(_ bytes: [UInt8], to descriptor: Int32) -> Int32 {
    bytes.withUnsafeBytes { write($0, to: descriptor) }
  }
}
