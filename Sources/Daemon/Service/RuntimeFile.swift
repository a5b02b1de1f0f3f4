// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A small text in a file of the runtime directory, which systemd keeps over a restart, for the next process.
/// Best effort: without a directory, and where the system refuses, there is nothing to be read.
struct RuntimeFile: Sendable {
  /// Bytes that are read at most.
  private static let longest = 65_536

  private let path: String?

  /// - Parameter directory: the runtime directory; nil keeps nothing.
  init(_ name: String, directory: String?) { path = directory.map { "\($0)/\(name)" } }

  func read() -> String? {
    guard let path else { return nil }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: Self.longest)
    // A regular file of this size is read at once (read(2)).
    let count = Glibc.read(descriptor, &bytes, bytes.count)
    return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : nil
  }

  /// Replaces the file in one step: one write that rename(2) puts in place.
  func write(_ text: String) {
    guard let path else { return }
    let next = path + ".new"
    let descriptor = open(next, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { return }
    let bytes = Array(text.utf8)
    let count = Glibc.write(descriptor, bytes, bytes.count)
    close(descriptor)
    if count == bytes.count { rename(next, path) }
  }
}
