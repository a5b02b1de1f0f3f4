// SPDX-License-Identifier: Apache-2.0

import Platform

/// Counts kernel drops at one socket, continuing the count of the previous process.
///
/// The kernel's count only grows, wraps at 2³², and may be read at any rate. The socket is kept over a
/// restart, so the count up to which drops are accounted for is kept in a file of the runtime directory.
package struct DropCounter {
  private let cookie: UInt64
  private let file: RuntimeFile
  /// Kernel count up to which drops are accounted for.
  private var counted: UInt32
  /// The count in the file.
  private var written: UInt32?

  /// - Parameter directory: the runtime directory; nil keeps no count over a restart.
  package init(of receiver: MulticastReceiver, directory: String?) {
    self.init(cookie: receiver.cookie, directory: directory)
  }

  /// - Parameter cookie: SO_COOKIE of the socket; a count stored for another socket is ignored.
  init(cookie: UInt64, directory: String?) {
    self.cookie = cookie
    file = RuntimeFile("receiver-drops", directory: directory)
    written = file.read().flatMap { Self.count(in: $0, cookie: cookie) }
    counted = written ?? 0
  }

  /// - Parameter count: the kernel's count (`MulticastReceiver.kernelDrops`).
  /// - Returns: drops since the last call.
  package mutating func update(_ count: UInt32) -> UInt32 {
    defer { counted = count }
    return count &- counted
  }

  /// Writes the file if the count has changed.
  package mutating func write() throws(FileFailure) {
    guard written != counted else { return }
    try file.write("\(cookie) \(counted)\n")
    written = counted
  }

  private static func count(in text: String, cookie: UInt64) -> UInt32? {
    let words = text.split(whereSeparator: \.isWhitespace)
    guard words.count == 2, UInt64(words[0]) == cookie else { return nil }
    return UInt32(words[1])
  }
}
